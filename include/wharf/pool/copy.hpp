// The ops behind COPY on a leased connection, shared by its blocking and async faces.
#pragma once

#include "wharf/connection/affected.hpp"
#include "wharf/connection/copy_buffer.hpp"
#include "wharf/io/waits.hpp"
#include "wharf/pool/lease.hpp"

#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace wharf {

namespace detail {

/// A COPY of this object's, which is left to be ended when the object is destroyed. Move-only.
class copy_hold {
public:
    copy_hold() noexcept = default;
    copy_hold(lease_link link, std::uint64_t number) noexcept : link_(std::move(link)), number_(number) {}
    copy_hold(copy_hold&& other) noexcept
        : link_(std::exchange(other.link_, lease_link())), number_(std::exchange(other.number_, 0)) {}
    copy_hold& operator=(copy_hold&& other) noexcept {
        if (this != &other) {
            abandon();
            link_ = std::exchange(other.link_, lease_link());
            number_ = std::exchange(other.number_, 0);
        }
        return *this;
    }
    ~copy_hold() { abandon(); }

    [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
    /// The connection; throws usage_error once its lease has ended.
    [[nodiscard]] lease_use use() const { return link_.use(); }

private:
    void abandon() noexcept;

    lease_link link_{};
    std::uint64_t number_{0};
};

/// A COPY into the database.
struct copy_writing {
    copy_writing() : buffer(std::make_unique<copy_buffer>()) {}

    copy_hold hold{};
    std::unique_ptr<copy_buffer> buffer;
    copy_progress* progress{nullptr};
};

/// `given`: the types of the rows, which outlive the op; empty: text.
[[nodiscard]] io::op<copy_writing> begin_writing(lease_use on, lease_link link, copy_request what,
                                                 std::span<const type_oid> given);
template <class Writer>
io::op<Writer> open_writer(lease_use on, lease_link link, io::background& context, copy_request what,
                           std::span<const type_oid> given) {
    auto writing = co_await begin_writing(std::move(on), std::move(link), std::move(what), given);
    co_return Writer(context, std::move(writing));
}
/// Sends what the buffer holds. These refer to `to`, which outlives them.
[[nodiscard]] io::op<void> send_written(lease_use on, copy_writing& to);
[[nodiscard]] io::op<void> send_if_full(lease_use on, copy_writing& to);
/// The bytes outlive the op.
[[nodiscard]] io::op<void> write_text(lease_use on, copy_writing& to, std::string_view bytes);
/// Sends the rest and ends the COPY.
[[nodiscard]] io::op<affected> finish_writing(lease_use on, copy_writing& to);
[[nodiscard]] io::op<void> fail_writing(lease_use on, copy_writing& to, std::string reason);

/// A COPY out of the database.
struct copy_reading {
    explicit copy_reading(copy_request request) : what(std::move(request)) {}

    copy_request what;
    copy_hold hold{};
    bool begun{false};
    bool ended{false};
    std::span<const std::string_view> pieces{}; ///< valid until the next read
    const result_shape* shape{nullptr};         ///< of rows, while the COPY is open
    std::uint64_t rows{0};
    std::uint64_t bytes{0};
    copy_progress* progress{nullptr};
};

/// Reads what comes next into `from.pieces`, and begins the COPY before the first; none: it has ended. Throws the
/// server's error.
[[nodiscard]] io::op<void> read_on(lease_use on, lease_link link, copy_reading& from);
/// Rows as the server counts them, after the end.
[[nodiscard]] std::uint64_t copied_rows(const lease_use& on);

/// Adds rows, which it counts, until the buffer is full or others should run. False: there are no more.
template <class Iterator, class End>
bool add_rows(copy_buffer& to, Iterator& at, const End& end, std::size_t& added) {
    while (!to.full()) {
        if (at == end) return false;
        to.add(*at);
        ++at;
        if (++added % io::rows_between_yields == 0) return true;
    }
    return true;
}

template <class Row, class Rows>
io::op<affected> copy_rows_in(lease_use on, lease_link link, copy_request what, Rows rows, copy_progress* progress) {
    const std::span<const type_oid> types = row_cells<Row>::types;
    auto writing = co_await begin_writing(on, std::move(link), std::move(what), types);
    writing.progress = progress;
    std::exception_ptr failure;
    std::size_t added = 0;
    auto at = std::ranges::begin(rows);
    const auto end = std::ranges::end(rows);
    for (bool more = true;;) {
        try {
            more = add_rows(*writing.buffer, at, end, added);
        } catch (...) {
            failure = std::current_exception();
        }
        if (!more || failure) break;
        if (writing.buffer->full())
            co_await send_written(on, writing);
        else
            co_await io::yield();
    }
    if (failure) {
        co_await fail_writing(on, writing, "the source of its rows failed");
        std::rethrow_exception(failure);
    }
    const auto done = co_await finish_writing(on, writing);
    co_return done;
}

/// Hands out text piece by piece: of a string, of a range of strings, or of a function that returns an empty one at
/// its end.
template <class Source>
class text_source;

template <class Source>
    requires std::convertible_to<const Source&, std::string_view>
class text_source<Source> {
public:
    explicit text_source(Source whole) : whole_(std::move(whole)) {}
    std::string_view next() { return std::exchange(done_, true) ? std::string_view() : std::string_view(whole_); }

private:
    Source whole_;
    bool done_{false};
};

template <class Source>
    requires(!std::convertible_to<const Source&, std::string_view>) &&
            std::convertible_to<std::invoke_result_t<Source&>, std::string_view>
class text_source<Source> {
public:
    explicit text_source(Source give) : give_(std::move(give)) {}
    std::string_view next() {
        piece_ = give_();
        return piece_;
    }

private:
    Source give_;
    std::remove_cvref_t<std::invoke_result_t<Source&>> piece_{};
};

template <std::ranges::view Source>
    requires(!std::convertible_to<const Source&, std::string_view>) &&
            std::convertible_to<std::ranges::range_reference_t<Source>, std::string_view>
class text_source<Source> {
public:
    explicit text_source(Source pieces) : pieces_(std::move(pieces)) {}
    std::string_view next() {
        if (!at_)
            at_.emplace(std::ranges::begin(pieces_));
        else
            ++*at_;
        for (; *at_ != std::ranges::end(pieces_); ++*at_)
            if (const std::string_view piece = **at_; !piece.empty()) return piece;
        return {};
    }

private:
    Source pieces_;
    std::optional<std::ranges::iterator_t<Source>> at_{};
};

template <class Source>
[[nodiscard]] auto as_text_source(Source&& source) {
    using kept = std::decay_t<Source>;
    if constexpr (std::convertible_to<Source, std::string_view> && std::is_lvalue_reference_v<Source>)
        return text_source<std::string_view>(source);
    else if constexpr (std::convertible_to<const kept&, std::string_view> || std::invocable<kept&>)
        return text_source<kept>(std::forward<Source>(source));
    else
        return text_source<std::views::all_t<Source>>(std::views::all(std::forward<Source>(source)));
}

/// False: the source is at its end.
template <class Source>
bool add_text(copy_buffer& to, Source& from, std::string_view& rest) {
    while (!to.full()) {
        if (rest.empty()) rest = from.next();
        if (rest.empty()) return false;
        rest.remove_prefix(to.add_text(rest));
    }
    return true;
}

template <class Source>
io::op<affected> copy_text_in(lease_use on, lease_link link, copy_request what, text_source<Source> source,
                              copy_progress* progress) {
    const std::span<const type_oid> no_types;
    auto writing = co_await begin_writing(on, std::move(link), std::move(what), no_types);
    writing.progress = progress;
    std::exception_ptr failure;
    std::string_view rest;
    bool more = true;
    while (more && !failure) {
        try {
            more = add_text(*writing.buffer, source, rest);
        } catch (...) {
            failure = std::current_exception();
        }
        if (more && !failure) co_await send_written(on, writing);
    }
    if (failure) {
        co_await fail_writing(on, writing, "the source of its data failed");
        std::rethrow_exception(failure);
    }
    const auto done = co_await finish_writing(on, writing);
    co_return done;
}

template <class Sink>
io::op<affected> copy_text_out(lease_use on, lease_link link, copy_request what, Sink sink, copy_progress* progress) {
    copy_reading reading(std::move(what));
    reading.progress = progress;
    do {
        co_await read_on(on, link, reading);
        for (const std::string_view piece : reading.pieces)
            sink(piece);
    } while (!reading.ended);
    affected out;
    out.rows = copied_rows(on);
    co_return out;
}

} // namespace detail

} // namespace wharf
