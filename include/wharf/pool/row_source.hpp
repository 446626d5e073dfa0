// What a stream<T...> reads from, without its types: it opens itself with the first read.
#pragma once

#include "wharf/connection/row_stream.hpp"
#include "wharf/io/call_options.hpp"
#include "wharf/pool/lease.hpp"

#include <memory>
#include <string>

namespace wharf::detail {

/// One op at a time.
class row_source {
public:
    row_source() = default;
    row_source(const row_source&) = delete;
    row_source& operator=(const row_source&) = delete;
    virtual ~row_source() = default;

    /// The next rows; none: that was all. Runs the statement when it is called first.
    [[nodiscard]] virtual io::op<row_chunk> next() = 0;
    /// Gives up the rest without waiting; nothing more comes.
    virtual void leave() noexcept = 0;
    /// Precondition: next() has returned.
    [[nodiscard]] virtual const result_shape& shape() const noexcept = 0;
    /// How long one read may take.
    [[nodiscard]] virtual call_options limits(const call_options& asked) const { return asked; }
};

/// Reads from a leased connection, only while the lease lasts.
[[nodiscard]] std::unique_ptr<row_source> make_row_source(lease_use on, std::string sql, parameters values,
                                                          stream_options options);

/// Where the rows of a stream are taken from: a source and its last chunk.
struct stream_position {
    std::unique_ptr<row_source> source;
    row_chunk rows{};
    std::size_t taken{0}; // of rows
};

/// Reads the next chunk. False: there is none.
[[nodiscard]] io::op<bool> read_chunk(std::shared_ptr<stream_position> at);

} // namespace wharf::detail
