// Source: PostgreSQL, src/backend/utils/adt/rowtypes.c (record_recv).
#include "postgres/adapt_value.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"

#include <cstddef>

namespace wharf::postgres {
namespace {

constexpr std::size_t member_head = 8; // type and length

[[noreturn]] void refuse_member(const user_type& composite, const composite_member& member, const std::string& why) {
    throw composite_mismatch("member \"" + member.name + "\" of " + composite.name + ": " + why);
}

} // namespace

adaptation adapt_record(const user_types& types, std::string_view bytes, const user_type& wanted, std::string& out) {
    const auto count = load<std::int32_t>(bytes.data());
    if (static_cast<std::size_t>(count) != wanted.members.size())
        throw composite_mismatch(wanted.name + " has " + std::to_string(wanted.members.size()) +
                                 " members, and a struct with " + std::to_string(count) + " was given");
    append(out, count);
    bytes.remove_prefix(sizeof count);
    for (const auto& member : wanted.members) {
        const auto given = static_cast<type_oid>(load<std::uint32_t>(bytes.data()));
        const auto length = load<std::int32_t>(bytes.data() + sizeof(std::uint32_t));
        bytes.remove_prefix(member_head);
        append(out, static_cast<std::uint32_t>(member.type));
        const std::size_t length_at = out.size();
        append(out, std::int32_t{-1});
        if (length < 0) continue;
        const auto value = bytes.substr(0, static_cast<std::size_t>(length));
        bytes.remove_prefix(value.size());
        switch (adapt_value(&types, given, value, member.type, out)) {
        case adaptation::binary:
            break;
        case adaptation::out_of_range:
            refuse_member(wanted, member,
                          "this value of type " + name_of(&types, given) + " does not fit " +
                              name_of(&types, member.type));
        default:
            refuse_member(wanted, member,
                          "it is of type " + name_of(&types, member.type) + ", and " + name_of(&types, given) +
                              " was given");
        }
        store(out.data() + length_at, static_cast<std::int32_t>(out.size() - length_at - sizeof(std::int32_t)));
    }
    return adaptation::binary;
}

} // namespace wharf::postgres
