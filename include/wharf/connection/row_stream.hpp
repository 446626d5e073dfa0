// The rows of one statement as they come, in chunks: memory is bounded however many there are.
#pragma once

#include "wharf/io/op.hpp"
#include "wharf/row/result.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace wharf {

/// How the rows of a statement are streamed.
struct stream_options {
    /// 0: the server sends as fast as the rows are taken; a slow reader makes it wait. Else it is asked for this many
    /// rows at a time, so that a stream can be left half-way at no cost.
    std::uint32_t fetch_size{0};
};

/// The bodies of some rows, each checked against the shape of its stream. Valid until the stream is touched again.
using row_chunk = std::span<const char* const>;

/// An open stream: what a driver's connection is busy with until the end is reached or the stream is left. One op at a
/// time. Destroying it does not touch the connection, which stays unusable unless the stream has come to its end or was
/// left; so does destroying an op of next() half-way.
class row_stream {
public:
    row_stream() = default;
    row_stream(const row_stream&) = delete;
    row_stream& operator=(const row_stream&) = delete;
    virtual ~row_stream() = default;

    /// The next rows; none: the end was reached. Throws the statement's error, after which the stream has ended too.
    [[nodiscard]] virtual io::op<row_chunk> next() = 0;
    /// Gives up the rest without waiting. What the server still sends is taken by the connection's next op.
    virtual void leave() noexcept = 0;
    [[nodiscard]] virtual const result_shape& shape() const noexcept = 0;
};

/// A stream of rows that are there already.
[[nodiscard]] std::unique_ptr<row_stream> make_row_stream(result rows);

} // namespace wharf
