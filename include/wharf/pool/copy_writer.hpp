// COPY into the database, row by row or piece by piece.
//
//   auto in = conn.open_copy_in<User>("users");       // co_await in async pools, here and below
//   for (...) in.write(User{...});
//   auto copied = in.finish().rows;
#pragma once

#include "wharf/io/call_options.hpp"
#include "wharf/pool/copy.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace wharf {

/// What the writers of rows and of text share. Move-only. Destroyed before finish(), it copies nothing: the COPY is
/// ended in front of the connection's next statement, or by the pool; until then other statements throw usage_error.
/// After an error of the server, and once the lease has ended, its members throw usage_error. Outlives its calls.
template <class Mode>
class basic_copy_writer_base {
public:
    template <class T>
    using result = typename Mode::template result<T>;

    basic_copy_writer_base(basic_copy_writer_base&&) noexcept = default;
    basic_copy_writer_base& operator=(basic_copy_writer_base&&) noexcept = default;

    /// Sends what has been written; it is sent by itself whenever there is enough of it.
    result<void> flush(const call_options& options = {}) {
        return Mode::run(*context_, detail::send_written(writing_.hold.use(), writing_), options);
    }
    /// Ends the COPY and makes it last, as far as its transaction does. Throws the server's error.
    result<affected> finish(const call_options& options = {}) {
        return Mode::run(*context_, detail::finish_writing(writing_.hold.use(), writing_), options);
    }
    /// Ends the COPY with nothing copied. The reason goes to the server's log. Does nothing when it has ended.
    result<void> fail(std::string reason, const call_options& options = {}) {
        return Mode::run(*context_, detail::fail_writing(writing_.hold.use(), writing_, std::move(reason)), options);
    }
    /// Rows and bytes written so far, sent or not.
    [[nodiscard]] std::uint64_t rows() const noexcept { return writing_.buffer->rows(); }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return writing_.buffer->bytes(); }

protected:
    basic_copy_writer_base(io::background& context, detail::copy_writing writing) noexcept
        : context_(&context), writing_(std::move(writing)) {}

    [[nodiscard]] copy_buffer& buffer() noexcept { return *writing_.buffer; }
    io::background* context_;
    detail::copy_writing writing_;
};

template <class Mode, writable_row Row>
class [[nodiscard("a COPY that is not finished copies nothing")]] basic_copy_writer
    : public basic_copy_writer_base<Mode> {
public:
    template <class T>
    using result = typename Mode::template result<T>;

    basic_copy_writer(io::background& context, detail::copy_writing writing) noexcept
        : basic_copy_writer_base<Mode>(context, std::move(writing)) {}

    /// Adds a row. Throws conversion_error, which names the column, and goes on without that row; throws the server's
    /// error, which ends the COPY, some rows after the one that caused it.
    /// GCC 12 destroys an aggregate that owns memory twice when it is a temporary in a co_await expression: name it, or
    /// use add().
    result<void> write(const Row& row, const call_options& options = {}) {
        add(row);
        if constexpr (std::is_void_v<result<void>>) {
            if (!this->buffer().full()) return;
        }
        return Mode::run(*this->context_, detail::send_if_full(this->writing_.hold.use(), this->writing_), options);
    }
    /// Adds a row without waiting; for loops that call flush() themselves where full() says so.
    void add(const Row& row) { this->buffer().add(row); }
    [[nodiscard]] bool full() const noexcept { return this->writing_.buffer->full(); }
};

template <class Mode>
class [[nodiscard("a COPY that is not finished copies nothing")]] basic_text_copy_writer
    : public basic_copy_writer_base<Mode> {
public:
    template <class T>
    using result = typename Mode::template result<T>;

    basic_text_copy_writer(io::background& context, detail::copy_writing writing) noexcept
        : basic_copy_writer_base<Mode>(context, std::move(writing)) {}

    /// Adds bytes as they are; rows may begin and end anywhere in them. They outlive the call.
    result<void> write(std::string_view bytes, const call_options& options = {}) {
        return Mode::run(*this->context_, detail::write_text(this->writing_.hold.use(), this->writing_, bytes),
                         options);
    }
};

} // namespace wharf
