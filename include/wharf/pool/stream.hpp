// The rows of a query as they come, without copying: memory is bounded however many there are.
//
//   for (const auto& [id, name] : conn.stream<std::int64_t, std::string_view>("SELECT id, name FROM t")) ...
//
//   auto rows = conn.stream<Row>("SELECT * FROM t WHERE id > $1", 5);             in a coroutine
//   while (auto row = co_await rows.next()) use(row->name);
//   for (auto batch = co_await rows.next_batch(); !batch.empty(); batch = co_await rows.next_batch())
//       for (auto& row : batch) use(row.name);                                    one suspension per batch
//
// What is read may be a view: std::string_view, std::span<const std::byte>. It lasts until the next row is read.
#pragma once

#include "wharf/io/waits.hpp"
#include "wharf/pool/row_source.hpp"
#include "wharf/pool/statements.hpp"
#include "wharf/row/decode.hpp"

#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace wharf {

namespace detail {

/// A stream's position, and the row there as a value.
template <class... T>
struct typed_position : stream_position {
    using value_type = wharf::row_of<T...>;

    /// The columns are checked with the first chunk.
    void check() {
        if (!reader) reader.emplace(source->shape());
    }
    void read(std::size_t index) { reader->read(row_view(source->shape(), rows[index]), value); }
    /// Reads the next row of the chunk; null when there is none.
    value_type* take() {
        if (taken == rows.size()) return nullptr;
        read(taken);
        ++taken;
        return &value;
    }

    std::optional<row_reader<T...>> reader{};
    value_type value{};
};

template <class... T>
[[nodiscard]] io::op<wharf::row_of<T...>*> next_row(std::shared_ptr<typed_position<T...>> at) {
    wharf::row_of<T...>* row = at->take();
    if (row != nullptr) co_return row;
    co_await read_chunk(at);
    at->check();
    co_return at->take();
}

/// The end of a stream's use: whatever is left of it is given up.
class leave_scope {
public:
    explicit leave_scope(std::shared_ptr<stream_position> at) noexcept : at_(std::move(at)) {}
    leave_scope(leave_scope&&) noexcept = default;
    leave_scope& operator=(leave_scope&& other) noexcept {
        std::swap(at_, other.at_);
        return *this;
    }
    ~leave_scope() {
        if (at_) at_->source->leave();
    }

private:
    std::shared_ptr<stream_position> at_; // shared with the ops that read
};

template <class Callback, class Row>
void call_with_row(Callback& callback, Row& row) {
    if constexpr (std::invocable<Callback&, Row&>)
        callback(row);
    else
        std::apply(callback, row);
}

/// Calls back for the next rows of the chunk, which it counts, until others should run. False: these were the last.
template <class Callback, class... T>
bool call_for_some(Callback& callback, typed_position<T...>& at, std::size_t& called) {
    while (auto* row = at.take()) {
        call_with_row(callback, *row);
        if (++called % io::rows_between_yields == 0) return true;
    }
    return false;
}

/// Calls back for each row. An exception of the callback leaves the stream.
template <class Callback, class... T>
[[nodiscard]] io::op<void> for_each_row(std::shared_ptr<typed_position<T...>> at, Callback callback) {
    const leave_scope scope(at);
    std::size_t called = 0;
    bool more = co_await read_chunk(at);
    at->check();
    while (more) {
        while (call_for_some(callback, *at, called))
            co_await io::yield();
        more = co_await read_chunk(at);
    }
}

/// The arguments of a call, encoded, with the options that may stand behind them.
struct stream_call : statement_call {
    stream_options stream{};
};

inline void add_argument(stream_call& out, const stream_options& argument) {
    out.stream = argument;
}
template <class Argument>
void add_argument(stream_call& out, const Argument& argument) {
    add_argument(static_cast<statement_call&>(out), argument);
}
template <class... Arguments>
[[nodiscard]] stream_call encode_stream_call(const Arguments&... arguments) {
    stream_call out;
    (add_argument(out, arguments), ...);
    return out;
}

} // namespace detail

/// Some rows of a stream, which has them in memory. Valid until the stream is read again. May be walked more than once,
/// by one iterator at a time: they share the value that a row is read into.
template <class... T>
class row_batch {
public:
    using value_type = row_of<T...>;

    class iterator {
    public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = row_of<T...>;
        using difference_type = std::ptrdiff_t;

        value_type& operator*() const noexcept { return at_->value; }
        value_type* operator->() const noexcept { return &at_->value; }
        iterator& operator++() {
            if (++index_ != at_->rows.size()) at_->read(index_);
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& one, std::default_sentinel_t) noexcept {
            return one.index_ == one.at_->rows.size();
        }

    private:
        friend class row_batch;
        explicit iterator(detail::typed_position<T...>& at) : at_(&at) {
            if (!at.rows.empty()) at.read(0);
        }
        detail::typed_position<T...>* at_;
        std::size_t index_{0};
    };

    explicit row_batch(std::shared_ptr<detail::typed_position<T...>> at) noexcept : at_(std::move(at)) {}

    [[nodiscard]] std::size_t size() const noexcept { return at_->rows.size(); }
    [[nodiscard]] bool empty() const noexcept { return at_->rows.empty(); }
    /// Throws conversion_error, as ++ does.
    [[nodiscard]] iterator begin() const { return iterator(*at_); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

private:
    std::shared_ptr<detail::typed_position<T...>> at_; // shared with the stream
};

namespace detail {
template <class... T>
[[nodiscard]] io::op<row_batch<T...>> next_batch(std::shared_ptr<typed_position<T...>> at) {
    co_await read_chunk(at);
    at->check();
    at->taken = at->rows.size();
    co_return row_batch<T...>(at);
}
} // namespace detail

/// Move-only; used by one thread or coroutine at a time. It does nothing before the first read; from then on until the
/// end its connection serves nothing else (concurrent_use). A stream that is destroyed before its end gives up the
/// rest, without waiting: with a fetch size that costs nothing, else what the server still sends is read in front of
/// the next statement, and a connection for which that is too much is given up. Reads throw what queries throw.
template <class Mode, class... T>
class [[nodiscard("a stream does nothing until it is read")]] basic_row_stream {
public:
    using value_type = row_of<T...>;
    template <class R>
    using result = typename Mode::template result<R>;

    /// For a `for` loop.
    class iterator {
    public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = row_of<T...>;
        using difference_type = std::ptrdiff_t;

        value_type& operator*() const noexcept { return *row_; }
        value_type* operator->() const noexcept { return row_; }
        iterator& operator++() {
            row_ = stream_->next();
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& one, std::default_sentinel_t) noexcept { return one.row_ == nullptr; }

    private:
        friend class basic_row_stream;
        explicit iterator(basic_row_stream& of) : stream_(&of), row_(of.next()) {}
        basic_row_stream* stream_;
        value_type* row_;
    };

    basic_row_stream(io::background& context, std::unique_ptr<detail::row_source> source, const call_options& options)
        : context_(&context), at_(std::make_shared<detail::typed_position<T...>>()), options_(options), scope_(at_) {
        at_->source = std::move(source);
    }

    /// The next row; null when there is none. It lasts until the next read.
    [[nodiscard]] result<value_type*> next() {
        if constexpr (is_blocking) {
            if (auto* row = at_->take()) return row;
        }
        return Mode::run(*context_, detail::next_row<T...>(at_), at_->source->limits(options_));
    }
    /// The rows that have come since the last read, at least one; none at the end. Not to be mixed with next().
    [[nodiscard]] result<row_batch<T...>> next_batch() {
        return Mode::run(*context_, detail::next_batch<T...>(at_), at_->source->limits(options_));
    }
    [[nodiscard]] iterator begin()
        requires std::same_as<result<int>, int>
    {
        return iterator(*this);
    }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

private:
    static constexpr bool is_blocking = std::is_same_v<result<int>, int>;

    io::background* context_;
    std::shared_ptr<detail::typed_position<T...>> at_; // shared with the ops that read, and batches
    call_options options_;
    detail::leave_scope scope_;
};

} // namespace wharf
