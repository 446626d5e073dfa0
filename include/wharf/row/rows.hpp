// The rows of a query as C++ values.
//
//   rows<std::int64_t, std::string> found = ...;
//   for (auto& [id, name] : found) ...
//   auto id = std::move(ids).one();
#pragma once

#include "wharf/row/decode.hpp"
#include "wharf/row/result.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf {

namespace detail {
/// Throws no_result or multiple_results unless `count` is 1.
void expect_one_row(std::size_t count);

template <class T>
inline constexpr bool is_view = false;
template <>
inline constexpr bool is_view<std::string_view> = true;
template <>
inline constexpr bool is_view<std::span<const std::byte>> = true;
template <class T>
inline constexpr bool is_view<std::optional<T>> = is_view<T>;
template <class... T>
class rows_reading;
} // namespace detail

/// Owns its rows: values of T, or tuples of several types.
template <class... T>
    requires(sizeof...(T) > 0)
class rows {
    static_assert((!detail::is_view<T> && ...),
                  "wharf: these rows own their values; read std::string instead, or stream views");

public:
    using value_type = row_of<T...>;
    using iterator = value_type*;
    using const_iterator = const value_type*;

    rows() = default;
    /// Reads all rows; throws conversion_error naming the column.
    explicit rows(const result& from) : values_(std::make_unique<value_type[]>(from.size())), size_(from.size()) {
        const row_reader<T...> reader(from.shape());
        for (std::size_t index = 0; index < size_; ++index)
            reader.read(from[index], values_[index]);
    }
    rows(rows&& other) noexcept : values_(std::move(other.values_)), size_(std::exchange(other.size_, 0)) {}
    rows& operator=(rows&& other) noexcept {
        values_ = std::move(other.values_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] iterator begin() noexcept { return values_.get(); }
    [[nodiscard]] iterator end() noexcept { return values_.get() + size_; }
    [[nodiscard]] const_iterator begin() const noexcept { return values_.get(); }
    [[nodiscard]] const_iterator end() const noexcept { return values_.get() + size_; }
    /// Precondition: index < size().
    [[nodiscard]] value_type& operator[](std::size_t index) noexcept { return values_[index]; }
    [[nodiscard]] const value_type& operator[](std::size_t index) const noexcept { return values_[index]; }

    /// The only row; throws no_result or multiple_results.
    [[nodiscard]] value_type one() && {
        detail::expect_one_row(size_);
        return std::move(values_[0]);
    }
    [[nodiscard]] const value_type& one() const& {
        detail::expect_one_row(size_);
        return values_[0];
    }
    /// The first row, nothing where there is none.
    [[nodiscard]] std::optional<value_type> first() && {
        return empty() ? std::nullopt : std::optional<value_type>(std::move(values_[0]));
    }
    [[nodiscard]] std::optional<value_type> first() const& {
        return empty() ? std::nullopt : std::optional<value_type>(values_[0]);
    }
    /// The only row, nothing where there is none; throws multiple_results.
    [[nodiscard]] std::optional<value_type> one_or_none() && {
        if (empty()) return std::nullopt;
        return std::move(*this).one();
    }
    [[nodiscard]] std::vector<value_type> to_vector() && {
        return std::vector<value_type>(std::make_move_iterator(begin()), std::make_move_iterator(end()));
    }

private:
    friend class detail::rows_reading<T...>;

    std::unique_ptr<value_type[]> values_{};
    std::size_t size_{0};
};

namespace detail {

/// Reads rows piece by piece, so that others may run in between.
template <class... T>
class rows_reading {
public:
    /// `from` outlives this.
    explicit rows_reading(const result& from) : from_(&from), reader_(from.shape()) {
        out_.values_ = std::make_unique<typename rows<T...>::value_type[]>(from.size());
    }
    /// Reads the next rows, at most `most`; false: these were the last. Throws conversion_error naming the column.
    bool read(std::size_t most) {
        const std::size_t end = std::min(out_.size_ + most, from_->size());
        for (; out_.size_ < end; ++out_.size_)
            reader_.read((*from_)[out_.size_], out_.values_[out_.size_]);
        return end != from_->size();
    }
    [[nodiscard]] rows<T...> take() noexcept { return std::move(out_); }

private:
    const result* from_;
    row_reader<T...> reader_;
    rows<T...> out_{};
};

} // namespace detail

} // namespace wharf
