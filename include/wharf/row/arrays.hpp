// Codecs of arrays as standard containers, of every element that has a codec.
//
//   std::vector<T>                     one dimension without NULL
//   std::vector<std::optional<T>>      one dimension with NULL
//   std::vector<std::vector<T>>        two dimensions, and so on up to six; all of a dimension have the same size
//   std::array<T, N>                   a dimension of exactly N elements
//   wharf::array<T> (array.hpp)        any dimensions, with their lower bounds
//
// An array without elements has no dimensions and is read into every one of these but std::array; lower bounds are not
// kept by the standard containers. Vectors that differ in size where a dimension needs one size are refused.
// On SQLite, vectors of float and double are blobs of little-endian numbers, all others JSON arrays in text.
#pragma once

#include "wharf/row/array_reader.hpp"
#include "wharf/row/array_writer.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/codec.hpp"
#include "wharf/row/numbers.hpp"
#include "wharf/row/strings.hpp"
#include "wharf/row/type_name.hpp"
#include "wharf/row/uuid.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace wharf {

namespace detail {

/// Says that a codec is one of a dimension: `item` is what lies in it, `dimensions` how many there are.
template <class T>
concept array_dimension_codec = requires {
    typename codec<T>::item;
    { codec<T>::dimensions } -> std::convertible_to<std::size_t>;
};

template <class T>
struct array_item {
    static constexpr std::size_t dimensions = 0;
    using element = T;
};
template <array_dimension_codec T>
struct array_item<T> {
    static constexpr std::size_t dimensions = codec<T>::dimensions;
    using element = typename codec<T>::element;
};

/// The array type of elements that are T: what the codec of T says, or what PostgreSQL's table of types knows.
template <class T>
constexpr type_oid array_type_of() noexcept {
    if constexpr (requires { codec<T>::array_type; })
        return codec<T>::array_type;
    else
        return array_of(codec<T>::type);
}

/// Numbers with a codec of their own type, which have a faster way.
template <class T>
concept plain_number = std::same_as<T, std::int16_t> || std::same_as<T, std::int32_t> ||
                       std::same_as<T, std::int64_t> || std::same_as<T, float> || std::same_as<T, double>;

[[noreturn]] void refuse_ragged();
/// Notes the size of a dimension, or refuses one that differs from the size noted before.
void note_size(array_dimension& dimension, std::size_t size, bool first);

template <plain_number Number>
void encode_numbers(std::span<const Number> values, type_oid element, std::string& out);
/// The common cases: a binary array of just these numbers, and on SQLite the blob of floating-point numbers. False for
/// all others.
template <plain_number Number>
[[nodiscard]] bool decode_numbers(const cell_view& cell, std::vector<Number>& out);

template <class Item>
void resize_dimension(std::vector<Item>& out, const array_reader& from, std::size_t dimension) {
    out.resize(from.size_of(dimension));
}
template <class Item, std::size_t Size>
void resize_dimension(std::array<Item, Size>& /*out*/, const array_reader& from, std::size_t dimension) {
    if (from.size_of(dimension) != Size) from.refuse_size(dimension, Size);
}

template <class T>
void read_element(array_reader& from, T& out) {
    const auto element = from.next();
    if (!element.null) return codec<T>::decode(element, out);
    if constexpr (nullable<T>)
        codec<T>::set_null(out);
    else
        from.refuse_null();
}

template <class Container>
void read_elements(array_reader& from, Container& out) {
    if constexpr (std::same_as<Container, std::vector<bool>>) {
        for (std::size_t index = 0; index < out.size(); ++index) {
            bool value{};
            read_element(from, value);
            out[index] = value;
        }
    } else {
        for (auto& value : out)
            read_element(from, value);
    }
}

template <class Container>
void read_dimension(array_reader& from, std::size_t dimension, Container& out) {
    resize_dimension(out, from, dimension);
    if constexpr (array_dimension_codec<typename codec<Container>::item>) {
        for (auto& inner : out)
            read_dimension(from, dimension + 1, inner);
    } else {
        read_elements(from, out);
    }
}

template <class Container>
void measure(const Container& value, std::span<array_dimension> dimensions, bool first) {
    note_size(dimensions.front(), value.size(), first);
    if constexpr (array_dimension_codec<typename codec<Container>::item>) {
        for (const auto& inner : value) {
            measure(inner, dimensions.subspan(1), first);
            first = false;
        }
    }
}

template <class Container>
void write_dimension(const Container& value, array_writer& out) {
    using item = typename codec<Container>::item;
    for (const auto& inner : value) {
        if constexpr (array_dimension_codec<item>) {
            write_dimension(inner, out);
        } else {
            if constexpr (nullable<item>) {
                if (codec<item>::is_null(inner)) {
                    out.add_null();
                    continue;
                }
            }
            out.add([&inner](std::string& bytes) { codec<item>::encode(inner, bytes); });
        }
    }
}

/// The codec of a container that is one dimension of an array, or of several when its items are containers too.
template <class Container, class Item>
struct dimension_codec {
    using item = Item;
    using element = typename array_item<Item>::element;
    static constexpr std::size_t dimensions = 1 + array_item<Item>::dimensions;
    static_assert(dimensions <= most_array_dimensions, "wharf: an array has at most six dimensions");
    static constexpr type_oid type = array_type_of<element>();
    static constexpr bool exact = exact_codec<element>; // but for lower bounds other than 1

    static void encode(const Container& value, std::string& out)
        requires encodable<element>
    {
        if constexpr (plain_number<Item>) {
            encode_numbers(std::span<const Item>(value), codec<Item>::type, out);
        } else {
            std::array<array_dimension, dimensions> sizes{};
            measure(value, sizes, true);
            array_writer writer(out, codec<element>::type, sizes);
            write_dimension(value, writer);
            writer.finish();
        }
    }

    static void decode(const cell_view& cell, Container& out)
        requires decodable<element>
    {
        if constexpr (plain_number<Item> && std::same_as<Container, std::vector<Item>>) {
            if (decode_numbers(cell, out)) return;
        }
        array_reader from(cell);
        from.expect_dimensions(dimensions);
        read_dimension(from, 0, out);
        from.expect_end();
    }
};

template <class T>
concept array_element = encodable<T> || decodable<T>;

} // namespace detail

template <detail::array_element Item>
struct codec<std::vector<Item>> : detail::dimension_codec<std::vector<Item>, Item> {};

template <detail::array_element Item, std::size_t Size>
struct codec<std::array<Item, Size>> : detail::dimension_codec<std::array<Item, Size>, Item> {};

/// Numbers of somebody else; a parameter only.
template <detail::plain_number Number>
struct codec<std::span<const Number>> {
    static constexpr type_oid type = array_of(codec<Number>::type);
    static void encode(const std::span<const Number>& value, std::string& out) {
        detail::encode_numbers(value, codec<Number>::type, out);
    }
};

namespace detail {

extern template struct dimension_codec<std::vector<bool>, bool>;
extern template struct dimension_codec<std::vector<std::int16_t>, std::int16_t>;
extern template struct dimension_codec<std::vector<std::int32_t>, std::int32_t>;
extern template struct dimension_codec<std::vector<std::int64_t>, std::int64_t>;
extern template struct dimension_codec<std::vector<float>, float>;
extern template struct dimension_codec<std::vector<double>, double>;
extern template struct dimension_codec<std::vector<std::string>, std::string>;
extern template struct dimension_codec<std::vector<uuid>, uuid>;

} // namespace detail

} // namespace wharf
