#include "wharf/orm/member.hpp"

namespace wharf::orm {

namespace {
bool in_identifier(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}
} // namespace

// GCC:   constexpr const char* wharf::orm::detail::member_spelling() [with auto Member = &User::name]
// Clang: const char *wharf::orm::detail::member_spelling() [Member = &User::name]
std::string_view member_name(std::string_view spelling) noexcept {
    auto end = spelling.find_last_of(']');
    if (end == std::string_view::npos) end = spelling.size();
    while (end != 0 && !in_identifier(spelling[end - 1]))
        --end;
    auto begin = end;
    while (begin != 0 && in_identifier(spelling[begin - 1]))
        --begin;
    return spelling.substr(begin, end - begin);
}

// GCC:   constexpr const char* wharf::orm::detail::class_spelling() [with T = app::User]
// Clang: const char *wharf::orm::detail::class_spelling() [T = app::User]
std::string_view class_name(std::string_view spelling) noexcept {
    constexpr std::string_view before = "T = ";
    const auto begin = spelling.find(before);
    const auto end = spelling.find_last_of(']');
    if (begin == std::string_view::npos || end == std::string_view::npos) return spelling;
    return spelling.substr(begin + before.size(), end - begin - before.size());
}

} // namespace wharf::orm
