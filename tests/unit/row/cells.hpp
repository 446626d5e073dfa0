// Cells and results made by hand.
#pragma once

#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/codec.hpp"
#include "wharf/row/operations.hpp"
#include "wharf/row/result.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf::testing {

/// Bytes from hexadecimal digits; spaces are for the reader.
inline std::string bytes(std::string_view hex) {
    std::string out;
    int high = -1;
    for (const char c : hex) {
        if (c == ' ') continue;
        const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
        if (high < 0) {
            high = digit;
        } else {
            out.push_back(static_cast<char>(high << 4 | digit));
            high = -1;
        }
    }
    return out;
}

inline cell_view cell(type_oid type, std::string_view content) {
    return {type, wire_format::binary, false, content};
}

template <class T>
std::string encoded(const T& value) {
    std::string out;
    codec<T>::encode(value, out);
    return out;
}

template <class T>
T decoded(const cell_view& from) {
    T out{};
    codec<T>::decode(from, out);
    return out;
}

/// What decoding refuses with; empty when it does not.
template <class T>
std::string refusal(const cell_view& from) {
    try {
        static_cast<void>(decoded<T>(from));
    } catch (const conversion_error& error) {
        return error.what();
    }
    return {};
}

template <class T>
T round_trip(const T& value) {
    const auto content = encoded(value);
    return decoded<T>(cell(codec<T>::type, content));
}

/// A result with one row after another of cells that are encoded already; nothing is NULL.
inline result make_result(std::vector<column_info> columns,
                          const std::vector<std::vector<std::optional<std::string>>>& rows) {
    result made;
    auto shape = std::make_shared<result_shape>();
    shape->columns = std::move(columns);
    made.set_shape(shape);
    for (const auto& row : rows) {
        std::string body;
        append(body, static_cast<std::int16_t>(row.size()));
        for (const auto& value : row) {
            append(body, value ? static_cast<std::int32_t>(value->size()) : std::int32_t{-1});
            if (value) body += *value;
        }
        char* at = made.allocate(body.size());
        std::memcpy(at, body.data(), body.size());
        made.add_row(at);
    }
    return made;
}

} // namespace wharf::testing
