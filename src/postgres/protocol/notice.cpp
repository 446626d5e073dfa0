#include "postgres/protocol/notice.hpp"

#include "postgres/protocol/body_reader.hpp"

#include <array>
#include <charconv>
#include <string>

namespace wharf::postgres::protocol {
namespace {

struct text_field {
    char code;
    std::string diagnostic::* member;
};

// 'V' is the severity that is not translated; 'S' is sent beside it, in the server's language.
constexpr std::array<text_field, 14> text_fields{{
    {'V', &diagnostic::severity},
    {'C', &diagnostic::sqlstate},
    {'M', &diagnostic::message},
    {'D', &diagnostic::detail},
    {'H', &diagnostic::hint},
    {'q', &diagnostic::internal_query},
    {'W', &diagnostic::where},
    {'s', &diagnostic::schema},
    {'t', &diagnostic::table},
    {'c', &diagnostic::column},
    {'d', &diagnostic::data_type},
    {'n', &diagnostic::constraint},
    {'F', &diagnostic::file},
    {'R', &diagnostic::routine},
}};

int to_number(std::string_view text) noexcept {
    int value = 0;
    const auto [stopped, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc{} && stopped == text.data() + text.size() ? value : 0;
}

// Cuts at the limit, and not inside a character of UTF-8.
std::string_view bounded(std::string_view text) noexcept {
    if (text.size() <= max_error_text) return text;
    std::size_t size = max_error_text;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
        --size;
    return text.substr(0, size);
}

void encode(outgoing_buffer& out, backend_message type, const diagnostic& fields) {
    const std::string position = fields.position > 0 ? std::to_string(fields.position) : std::string();
    const std::string line = fields.line > 0 ? std::to_string(fields.line) : std::string();
    std::uint64_t size = 1;
    const auto each = [&](auto&& visit) {
        for (const text_field& field : text_fields)
            if (!(fields.*field.member).empty()) visit(field.code, std::string_view(fields.*field.member));
        if (!position.empty()) visit('P', std::string_view(position));
        if (!line.empty()) visit('L', std::string_view(line));
    };
    each([&](char, std::string_view text) { size += 1 + string_size(text, "a field of an error"); });
    body_writer body = out.begin(type, size);
    each([&](char code, std::string_view text) { body.character(code).string(text); });
    body.character('\0');
}

} // namespace

void encode_error(outgoing_buffer& out, const diagnostic& fields) {
    encode(out, backend_message::error_response, fields);
}

void encode_notice(outgoing_buffer& out, const diagnostic& fields) {
    encode(out, backend_message::notice_response, fields);
}

diagnostic decode_diagnostic(bytes_view body) {
    body_reader reader("ErrorResponse or NoticeResponse", body);
    diagnostic fields;
    std::string_view translated_severity;
    for (char code = reader.character(); code != '\0'; code = reader.character()) {
        const std::string_view text = bounded(reader.string());
        if (code == 'S') translated_severity = text;
        if (code == 'P') fields.position = to_number(text);
        if (code == 'L') fields.line = to_number(text);
        for (const text_field& field : text_fields)
            if (field.code == code) fields.*field.member = text;
    }
    reader.finish();
    if (fields.severity.empty()) fields.severity = translated_severity;
    return fields;
}

} // namespace wharf::postgres::protocol
