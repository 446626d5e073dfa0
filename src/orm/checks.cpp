#include "orm/checks.hpp"

#include "orm/stored_cells.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace wharf::orm {
namespace {

constexpr std::size_t sent_as_it_is = 1024; // bytes; larger values travel as their hash

column_set checked_columns(const planned_update& update, lost_update when_lost) {
    const auto& type = *update.type;
    const auto flags = update.object->checks;
    if (update.insert != planned_update::no_insert || type.version_column >= 0) return {};
    if ((flags & object_state::overwrite) != 0 || when_lost == lost_update::overwrite) return {};
    auto checked = update.changed;
    if (update.earlier == 0 && (type.check_row || (flags & object_state::check_row) != 0)) {
        for (std::size_t i = type.key_size; i < type.columns.size(); ++i)
            checked.set(i);
    }
    for (std::size_t i = 0; i < type.columns.size(); ++i)
        if (type.columns[i].server_computed || type.columns[i].last_writer_wins) checked.reset(i);
    return checked;
}

std::string_view column_in(std::string_view row, std::size_t column) {
    encoded_columns columns(row);
    for (std::size_t i = 0; i < column; ++i)
        static_cast<void>(columns.next());
    return columns.next();
}

/// The object that was read from the row.
object_state& source_of(const planned_update& update) noexcept {
    return update.replaces != nullptr ? *update.replaces : *update.object;
}

/// Whether the row holds still what the object was read from when the update runs.
bool is_as_read(const planned_update& update, std::size_t column, std::string_view before) {
    if (update.earlier == 0) return true;
    const auto& watch = source_of(update).watch;
    return watch != nullptr && column_in(watch->baseline, column) == before;
}

bool is_text(type_oid type) noexcept {
    switch (type) {
    case type_oid::text:
    case type_oid::varchar:
    case type_oid::bpchar:
    case type_oid::json:
    case type_oid::jsonb:
    case type_oid::xml:
        return true;
    default:
        return false;
    }
}

} // namespace

void choose_checks(flush_plan& plan, lost_update when_lost) {
    for (auto& update : plan.updates) {
        update.expected = checked_columns(update, when_lost);
        update.checks = update.object->checks;
        update.check_version = (update.object->checks & object_state::overwrite) == 0;
    }
}

void add_expected(const planned_update& update, std::size_t column, parameters& out) {
    const auto before = column_in(update.before, column);
    const auto& stored = source_of(update).stored;
    if (stored != nullptr && is_as_read(update, column, before) && stored->add_to(column, out)) return;
    const auto cell = cell_of(before, update.type->columns[column].wire);
    if (cell.null)
        out.add_null(cell.type);
    else
        out.add_encoded(cell.type, cell.bytes);
}

bool may_be_large(type_oid type) noexcept {
    return type == type_oid::bytea || is_text(type);
}

bool has_hash(const cell_view& value) noexcept {
    return value.null || may_be_large(value.type);
}

bool wants_hash(const cell_view& value) noexcept {
    return !value.null && value.bytes.size() > sent_as_it_is && has_hash(value);
}

void add_hash(const cell_view& value, parameters& out) {
    if (value.null) return out.add_null(type_oid::bytea);
    // The byte in front of jsonb is the version of its form.
    const auto bytes = value.type == type_oid::jsonb ? value.bytes.substr(1) : value.bytes;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("OpenSSL offers no SHA-256");
    }
    out.add_encoded(type_oid::bytea, {reinterpret_cast<const char*>(digest.data()), size});
}

} // namespace wharf::orm
