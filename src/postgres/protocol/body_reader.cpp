#include "postgres/protocol/body_reader.hpp"

#include "wharf/base/error.hpp"

#include <string>

namespace wharf::postgres::protocol {

void throw_violation(std::string_view message, std::string_view why) {
    throw protocol_violation("the server broke the protocol: " + std::string(message) + " " + std::string(why));
}

std::size_t body_reader::count16() {
    const std::int16_t count = int16();
    if (count < 0) fail("has a negative count");
    return static_cast<std::size_t>(count);
}

std::string_view body_reader::string() {
    const std::string_view text = as_text(rest_);
    const std::size_t end = text.find('\0');
    if (end == std::string_view::npos) fail("holds a string without its end");
    rest_ = rest_.subspan(end + 1);
    return text.substr(0, end);
}

bytes_view body_reader::rest() noexcept {
    const bytes_view all = rest_;
    rest_ = {};
    return all;
}

} // namespace wharf::postgres::protocol
