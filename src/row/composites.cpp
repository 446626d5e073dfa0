#include "wharf/row/composites.hpp"

#include "row/conversion.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/user_types.hpp"

namespace wharf {
namespace {

constexpr std::string_view target = "struct";
constexpr std::size_t member_head = 8; // type and length

bool is_composite(const cell_view& cell) noexcept {
    if (cell.type == type_oid::record) return true;
    const auto* known = cell.types == nullptr ? nullptr : cell.types->find(cell.type);
    // Nothing is known of a type that the database has made since; what it holds is checked anyway.
    return known == nullptr ? cell.type >= detail::first_user_type : known->form == type_form::composite;
}

[[noreturn]] void refuse_count(const cell_view& cell, std::size_t count, std::span<const std::string_view> members) {
    std::string text = "a value of type " + detail::type_name(cell) + " has " + std::to_string(count) + " members";
    const auto* known = cell.types == nullptr ? nullptr : cell.types->find(cell.type);
    if (known != nullptr && known->members.size() == count) {
        std::vector<std::string_view> names;
        names.reserve(known->members.size());
        for (const auto& member : known->members)
            names.push_back(member.name);
        text += " (" + detail::quoted_list(names) + ")";
    }
    throw conversion_error(text + " where the struct has " + std::to_string(members.size()) + " (" +
                           detail::quoted_list(members) + ")");
}

/// Takes the next member off `rest`.
cell_view take_member(const cell_view& record, std::string_view& rest) {
    if (rest.size() < member_head) detail::refuse_bytes(record);
    cell_view member{
        static_cast<type_oid>(load<std::uint32_t>(rest.data())), wire_format::binary, true, {}, record.types};
    if (member.types != nullptr) member.type = member.types->read_as(member.type);
    const auto length = load<std::int32_t>(rest.data() + sizeof(std::uint32_t));
    rest.remove_prefix(member_head);
    if (length == -1) return member;
    if (length < 0 || static_cast<std::size_t>(length) > rest.size()) detail::refuse_bytes(record);
    member.null = false;
    member.bytes = rest.substr(0, static_cast<std::size_t>(length));
    rest.remove_prefix(member.bytes.size());
    return member;
}

} // namespace

void detail::decode_record(const cell_view& cell, std::span<const erased_field> fields,
                           std::span<const std::string_view> names) {
    if (!is_composite(cell)) refuse_type(cell, target);
    if (cell.format == wire_format::text)
        throw conversion_error("a value of type " + type_name(cell) +
                               " came as text, since wharf does not read the type of one of its members");
    auto rest = cell.bytes;
    if (rest.size() < sizeof(std::int32_t)) refuse_bytes(cell);
    const auto count = load<std::int32_t>(rest.data());
    rest.remove_prefix(sizeof count);
    if (count < 0 || static_cast<std::size_t>(count) > rest.size() / member_head) refuse_bytes(cell);
    if (static_cast<std::size_t>(count) != fields.size()) refuse_count(cell, static_cast<std::size_t>(count), names);
    for (std::size_t index = 0; index < fields.size(); ++index) {
        const auto member = take_member(cell, rest);
        try {
            fields[index].operations->decode(member, fields[index].target);
        } catch (const conversion_error& error) {
            throw conversion_error("member \"" + std::string(names[index]) + "\": " + error.what());
        }
    }
    if (!rest.empty()) refuse_bytes(cell);
}

record_writer::record_writer(std::string& out, std::size_t members) : out_(&out) {
    append(out, static_cast<std::int32_t>(members));
}

void record_writer::add_null(type_oid type) {
    append(*out_, static_cast<std::uint32_t>(type));
    append(*out_, std::int32_t{-1});
}

std::size_t record_writer::open(type_oid type) {
    append(*out_, static_cast<std::uint32_t>(type));
    append(*out_, std::int32_t{0});
    return out_->size();
}

void record_writer::close(std::size_t start) {
    const auto length = out_->size() - start;
    if (length > std::size_t{1} << 30) throw conversion_error("a member of a composite value has more than 1 GiB");
    store(out_->data() + start - sizeof(std::int32_t), static_cast<std::int32_t>(length));
}

} // namespace wharf
