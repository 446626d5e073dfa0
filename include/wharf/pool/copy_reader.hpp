// COPY out of the database: rows as views, decoded where they arrived.
//
//   for (auto& [id, name] : conn.copy_out<std::int64_t, std::string_view>("users")) ...
//
//   auto out = conn.copy_out<User>("SELECT id, name FROM users WHERE active");
//   for (auto batch = co_await out.next_batch(); batch; batch = co_await out.next_batch())
//       for (auto& user : batch) ...
#pragma once

#include "wharf/io/call_options.hpp"
#include "wharf/pool/copy.hpp"
#include "wharf/row/decode.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace wharf {

/// Rows that have arrived together. A view: valid until the next call on its reader. Each row is decoded when it is
/// reached, into one and the same value; the views in it are valid as long as the batch.
template <class... T>
class copy_batch {
public:
    using value_type = row_of<T...>;

    copy_batch() = default;
    copy_batch(const result_shape& shape, const row_reader<T...>& reader, std::span<const std::string_view> rows)
        : shape_(&shape), reader_(&reader), rows_(rows) {}

    class iterator {
    public:
        using value_type = copy_batch::value_type;
        using difference_type = std::ptrdiff_t;
        explicit iterator(copy_batch& of) : of_(&of) { read(); }
        [[nodiscard]] value_type& operator*() const noexcept { return of_->value_; }
        iterator& operator++() {
            ++index_;
            read();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const noexcept { return index_ == of_->rows_.size(); }

    private:
        void read() {
            if (index_ != of_->rows_.size())
                of_->reader_->read(row_view(*of_->shape_, of_->rows_[index_].data()), of_->value_);
        }
        copy_batch* of_;
        std::size_t index_{0};
    };

    /// False: there are no more rows.
    explicit operator bool() const noexcept { return !rows_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
    /// Throws conversion_error naming the column, as ++ does.
    [[nodiscard]] iterator begin() { return iterator(*this); }
    [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

private:
    const result_shape* shape_{nullptr};
    const row_reader<T...>* reader_{nullptr};
    std::span<const std::string_view> rows_{};
    value_type value_{};
};

namespace detail {

template <class... T>
struct row_reading : copy_reading {
    using copy_reading::copy_reading;
    std::optional<row_reader<T...>> reader{};

    [[nodiscard]] copy_batch<T...> batch() const {
        if (pieces.empty()) return {};
        return {*shape, *reader, pieces};
    }
};

/// The columns that a struct wants of a table; none: all.
template <class... T>
[[nodiscard]] constexpr std::span<const std::string_view> names_read() noexcept {
    if constexpr (sizeof...(T) == 1 && (row_struct<T> && ...))
        return member_names<T...>;
    else
        return {};
}

/// Keeps `from` alive by itself.
template <class... T>
io::op<copy_batch<T...>> read_batch(lease_use on, lease_link link, std::shared_ptr<row_reading<T...>> from) {
    co_await read_on(std::move(on), std::move(link), *from);
    if (!from->reader && from->shape != nullptr) from->reader.emplace(*from->shape);
    co_return from->batch();
}

template <class Use, class... T>
io::op<std::uint64_t> use_each(lease_use on, lease_link link, std::shared_ptr<row_reading<T...>> from, Use use) {
    std::size_t used = 0;
    do {
        auto batch = co_await read_batch<T...>(on, link, from);
        for (auto& row : batch) {
            use(row);
            if (++used % io::rows_between_yields == 0) co_await io::yield();
        }
    } while (!from->ended);
    co_return from->rows;
}

} // namespace detail

/// Sends nothing before the first row is asked for. Move-only. Destroyed before its end, it is ended in front of the
/// connection's next statement by reading the rest, where that is at most 1 MiB; else it is cancelled where the pool's
/// connections drain what is given up, or the connection is given up and its next statement throws connection_lost.
/// Until its end other statements throw usage_error.
template <class Mode, class... T>
class [[nodiscard("a COPY that nobody reads does nothing")]] basic_copy_reader {
public:
    template <class Value>
    using result = typename Mode::template result<Value>;
    using value_type = row_of<T...>;

    basic_copy_reader(io::background& context, lease_link link, copy_request what, copy_progress* progress)
        : context_(&context), link_(std::move(link)),
          reading_(std::make_shared<detail::row_reading<T...>>(std::move(what))) {
        reading_->progress = progress;
    }

    /// The next rows; none at the end. Throws the server's error, conversion_error for columns that do not fit.
    [[nodiscard]] result<copy_batch<T...>> next_batch(const call_options& options = {}) {
        return Mode::run(*context_, detail::read_batch<T...>(link_.use(), link_, reading_), options);
    }
    /// Calls use(row) for all rows that are left; returns how many have been read. What `use` throws ends the COPY.
    template <class Use>
        requires std::invocable<Use&, value_type&>
    result<std::uint64_t> for_each(Use use, const call_options& options = {}) {
        return Mode::run(*context_, detail::use_each<Use, T...>(link_.use(), link_, reading_, std::move(use)), options);
    }
    /// Rows and bytes read so far.
    [[nodiscard]] std::uint64_t rows() const noexcept { return reading_->rows; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return reading_->bytes; }

    /// In blocking pools it is a range, for one pass.
    class iterator {
    public:
        using value_type = row_of<T...>;
        using difference_type = std::ptrdiff_t;
        explicit iterator(basic_copy_reader& of) : of_(&of) { next(); }
        [[nodiscard]] value_type& operator*() const noexcept { return **of_->at_; }
        iterator& operator++() {
            if (++*of_->at_ == std::default_sentinel) next();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const noexcept { return !of_->at_; }

    private:
        void next() {
            of_->at_.reset();
            of_->batch_ = of_->next_batch();
            if (of_->batch_) of_->at_.emplace(of_->batch_.begin());
        }
        basic_copy_reader* of_;
    };
    [[nodiscard]] iterator begin()
        requires std::same_as<result<int>, int>
    {
        return iterator(*this);
    }
    [[nodiscard]] std::default_sentinel_t end() const noexcept
        requires std::same_as<result<int>, int>
    {
        return {};
    }

private:
    io::background* context_;
    lease_link link_;
    std::shared_ptr<detail::row_reading<T...>> reading_; // shared with the op that reads
    copy_batch<T...> batch_{};
    std::optional<typename copy_batch<T...>::iterator> at_{};
};

} // namespace wharf
