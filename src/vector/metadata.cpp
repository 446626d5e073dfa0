#include "wharf/vector/metadata.hpp"

#include "vector/checked_text.hpp"
#include "wharf/base/error.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace wharf {
namespace {

template <class Number>
void append_number(std::string& out, Number value) {
    std::array<char, 40> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), written.ptr);
}

struct json_writer {
    std::string& out;
    void operator()(const std::string& text) const { append_json_text(out, text); }
    void operator()(std::int64_t value) const { append_number(out, value); }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(double value) const {
        if (!std::isfinite(value))
            throw usage_error("a metadata number must be finite: JSON has no NaN and no infinity");
        append_number(out, value);
    }
};

} // namespace

void metadata_value::append_json(std::string& out) const {
    std::visit(json_writer{out}, value_);
}

std::string metadata_object::json() const {
    std::string out("{");
    for (const auto& [key, value] : values_) {
        if (out.size() > 1) out += ',';
        append_json_text(out, key);
        out += ':';
        value.append_json(out);
    }
    out += '}';
    return out;
}

} // namespace wharf
