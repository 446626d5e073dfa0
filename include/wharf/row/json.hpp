// A JSON value as its text.
#pragma once

#include "wharf/row/codec.hpp"

#include <string>
#include <utility>

namespace wharf {

/// JSON text, jsonb to the database (json columns accept it as well). Not parsed here: the database checks it, and
/// jsonb gives it back in its own spelling. Comparison is that of the text.
class json {
public:
    json() = default;
    explicit json(std::string text) : text_(std::move(text)) {}

    [[nodiscard]] const std::string& text() const& noexcept { return text_; }
    [[nodiscard]] std::string text() && noexcept { return std::move(text_); }
    bool operator==(const json&) const = default;

private:
    friend struct codec<json>;
    std::string text_{"null"};
};

template <>
struct codec<json> {
    static constexpr type_oid type = type_oid::jsonb;
    static constexpr bool exact = true;
    static void encode(const json& value, std::string& out);
    static void decode(const cell_view& cell, json& out);
};

} // namespace wharf
