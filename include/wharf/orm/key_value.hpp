// The primary key of a row as bytes that can be compared and hashed, whatever its type.
//
// One column: its bytes in PostgreSQL's binary format, integers widened to 8 bytes, so that an int4 key and the int8
// that SQLite returns for it are equal. Several columns: for each a length (one byte, or 255 and four more) and its
// bytes. Up to 20 bytes (two integers, a uuid) need no memory of their own.
#pragma once

#include "wharf/row/cell.hpp"
#include "wharf/row/parameters.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace wharf::orm {

struct class_descriptor;

class key_value {
public:
    /// Unset: the key of a row that has none yet, or a reference to nothing.
    key_value() noexcept = default;
    explicit key_value(std::string_view bytes);
    explicit key_value(std::int64_t integer) noexcept;
    key_value(const key_value& other) : key_value() {
        if (other.is_set()) *this = key_value(other.bytes());
    }
    key_value(key_value&& other) noexcept { take(other); }
    key_value& operator=(const key_value& other) {
        if (this != &other) *this = key_value(other);
        return *this;
    }
    key_value& operator=(key_value&& other) noexcept {
        if (this != &other) {
            free();
            take(other);
        }
        return *this;
    }
    ~key_value() { free(); }

    [[nodiscard]] bool is_set() const noexcept { return size_ != unset; }
    /// Empty when unset.
    [[nodiscard]] std::string_view bytes() const noexcept {
        if (!is_set()) return {};
        return {size_ <= inline_size ? small_ : large(), size_};
    }
    [[nodiscard]] std::size_t hash() const noexcept;

    friend bool operator==(const key_value& left, const key_value& right) noexcept {
        return left.size_ == right.size_ && left.bytes() == right.bytes();
    }
    friend bool operator<(const key_value& left, const key_value& right) noexcept;

private:
    static constexpr std::uint32_t unset = ~std::uint32_t{0};
    static constexpr std::size_t inline_size = 20;

    [[nodiscard]] char* large() const noexcept;
    void take(key_value& other) noexcept;
    void free() noexcept {
        if (is_set() && size_ > inline_size) delete[] large();
    }

    alignas(4) char small_[inline_size]{}; // or, when it does not fit, the address of the bytes
    std::uint32_t size_{unset};
};

/// Puts a key together from its columns, in their order.
class key_builder {
public:
    explicit key_builder(std::size_t parts) noexcept : composite_(parts > 1) {}
    /// Adds a value; `type` is that of the bytes. NULL makes the whole key unset.
    void add(const cell_view& cell);
    [[nodiscard]] key_value finish() const;

private:
    std::string bytes_{};
    bool composite_;
    bool has_null_{false};
};

/// The key that one column makes.
[[nodiscard]] key_value key_of_cell(const cell_view& cell);

/// One column of a key as a cell: integers are int8, everything else is of the type given.
/// Precondition: the key is set and has that part.
[[nodiscard]] cell_view key_part(const key_value& key, std::size_t part, std::size_t parts, type_oid type) noexcept;

/// Adds one column of a key as a parameter of its own type: integers are narrowed to it. An unset key adds NULL.
void add_key_part(const key_value& key, std::size_t part, std::size_t parts, type_oid type, parameters& out);

/// The key that these values make; each is of the type of the class's key column at its place.
[[nodiscard]] key_value make_key(const class_descriptor& type, std::span<const void* const> values);
/// Reads a set key into such values.
void read_key(const class_descriptor& type, const key_value& key, std::span<void* const> values);
/// For messages: a number, or the start of the value's text in quotes.
[[nodiscard]] std::string describe_value(const cell_view& cell);
/// The same for a key: `7`, `'tea'`, `('tea', 1)`.
[[nodiscard]] std::string describe_key(const class_descriptor& type, const key_value& key);

} // namespace wharf::orm
