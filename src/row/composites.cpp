#include "wharf/row/composites.hpp"

#include "row/conversion.hpp"
#include "row/record_reader.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/user_types.hpp"

namespace wharf {
namespace {

constexpr std::string_view target = "struct";

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

} // namespace

void detail::decode_record(const cell_view& cell, std::span<const erased_field> fields,
                           std::span<const std::string_view> names) {
    if (!is_composite(cell)) refuse_type(cell, target);
    if (cell.format == wire_format::text)
        throw conversion_error("a value of type " + type_name(cell) +
                               " came as text, since wharf does not read the type of one of its members");
    record_reader from(cell);
    if (from.size() != fields.size()) refuse_count(cell, from.size(), names);
    for (std::size_t index = 0; index < fields.size(); ++index) {
        const auto member = from.next();
        try {
            fields[index].operations->decode(member, fields[index].target);
        } catch (const conversion_error& error) {
            throw conversion_error("member \"" + std::string(names[index]) + "\": " + error.what());
        }
    }
    from.expect_end();
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
