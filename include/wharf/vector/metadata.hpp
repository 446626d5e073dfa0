// Metadata of documents: named values, and conditions on them.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace wharf {

/// A piece of text, an integer, a finite number, or true or false.
class metadata_value {
public:
    explicit(false) metadata_value(std::string text) : value_(std::move(text)) {}
    explicit(false) metadata_value(std::string_view text) : value_(std::string(text)) {}
    explicit(false) metadata_value(const char* text) : value_(std::string(text)) {}
    explicit(false) metadata_value(std::same_as<bool> auto value) : value_(value) {}
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool>)
    explicit(false) metadata_value(Integer value) : value_(static_cast<std::int64_t>(value)) {
        static_assert(sizeof(Integer) < 8 || std::signed_integral<Integer>,
                      "wharf: a metadata integer must fit std::int64_t");
    }
    explicit(false) metadata_value(double value) : value_(value) {}

    using alternatives = std::variant<std::string, std::int64_t, double, bool>;
    [[nodiscard]] const alternatives& get() const noexcept { return value_; }
    /// As JSON. Throws usage_error for a number that is not finite, and for text with a NUL or not in UTF-8.
    void append_json(std::string& out) const;

private:
    alternatives value_;
};

/// Named values, written as a JSON object with its keys in order.
class metadata_object {
public:
    void set(std::string key, metadata_value value) { values_.insert_or_assign(std::move(key), std::move(value)); }
    [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
    [[nodiscard]] std::string json() const;

private:
    std::map<std::string, metadata_value, std::less<>> values_{};
};

/// Which documents a search may return: all, or those whose metadata have all the given values.
///   metadata_filter("lang", "en").and_equal("year", 2024)
class metadata_filter {
public:
    metadata_filter() = default;
    metadata_filter(std::string key, metadata_value value) { and_equal(std::move(key), std::move(value)); }

    metadata_filter& and_equal(std::string key, metadata_value value) & {
        equal_.set(std::move(key), std::move(value));
        return *this;
    }
    metadata_filter&& and_equal(std::string key, metadata_value value) && {
        return std::move(and_equal(std::move(key), std::move(value)));
    }
    [[nodiscard]] const metadata_object& equal() const noexcept { return equal_; }

private:
    metadata_object equal_{};
};

} // namespace wharf
