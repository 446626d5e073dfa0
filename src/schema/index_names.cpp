#include "schema/index_names.hpp"

#include "connection/identifiers.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

namespace wharf::schema {
namespace {

using orm::class_descriptor;

constexpr std::size_t longest_name = 63; // what PostgreSQL keeps of one

std::string_view schema_of(std::string_view table) noexcept {
    const auto point = table.find('.');
    return point == std::string_view::npos ? std::string_view() : table.substr(0, point);
}

std::string hash_of(std::string_view text) {
    std::uint32_t hash = 2166136261U; // FNV-1a
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    std::string out("_");
    for (int shift = 28; shift >= 0; shift -= 4)
        out.push_back("0123456789abcdef"[(hash >> shift) & 15U]);
    return out;
}

std::string with_hash(std::string name, std::string_view of) {
    const auto hash = hash_of(of);
    name.resize(std::min(name.size(), longest_name - hash.size()));
    return name + hash;
}

/// PostgreSQL cuts names, after which two of them may be equal; a hash keeps them apart.
std::string short_name(const std::string& name) {
    return name.size() <= longest_name ? name : with_hash(name, name);
}

/// What tells the table and its columns apart from all others, which a name made of them need not.
std::string exact_name(const class_descriptor& type, std::span<const std::size_t> columns) {
    std::string out(type.table);
    for (const auto index : columns)
        out.append(1, '\0').append(type.columns[index].name);
    return out;
}

bool begins_key(const class_descriptor& type, std::span<const std::size_t> columns) {
    if (columns.size() > type.key_size) return false;
    for (std::size_t i = 0; i != columns.size(); ++i)
        if (columns[i] != i) return false;
    return true;
}

/// Whether the index of values that are unique together begins with them.
bool begins_unique(const class_descriptor& type, std::span<const std::size_t> columns) {
    return std::ranges::any_of(type.uniques, [&](const std::vector<std::size_t>& together) {
        return columns.size() <= together.size() && std::equal(columns.begin(), columns.end(), together.begin());
    });
}

void add_indexes_of(const class_descriptor& type, std::vector<planned_index>& out) {
    const auto add = [&](std::vector<std::size_t> columns) {
        auto name = constraint_name(type, columns, "_idx");
        out.push_back({&type, std::move(columns), std::move(name)});
    };
    for (std::size_t i = 0; i != type.columns.size(); ++i) {
        const auto& column = type.columns[i];
        const std::size_t one[] = {i};
        if (column.indexed && !column.unique && !begins_key(type, one)) add({i});
    }
    for (const auto& relation : type.relations) {
        const auto& columns = relation.columns;
        const bool covered =
            columns.empty() || begins_key(type, columns) || begins_unique(type, columns) ||
            (columns.size() == 1 && (type.columns[columns[0]].unique || type.columns[columns[0]].indexed));
        const bool planned = std::ranges::any_of(
            out, [&](const planned_index& other) { return other.type == &type && other.columns == columns; });
        if (!covered && !planned) add(columns);
    }
}

} // namespace

std::string_view without_schema(std::string_view table) noexcept {
    return table.substr(table.find('.') + 1);
}

std::string constraint_name(const class_descriptor& type, std::span<const std::size_t> columns,
                            std::string_view ending) {
    std::string name(without_schema(type.table));
    for (const auto index : columns)
        name.append("_").append(type.columns[index].name);
    return short_name(name.append(ending));
}

std::string foreign_key_name(const class_descriptor& type, std::size_t relation) {
    const auto& columns = type.relations[relation].columns;
    auto name = constraint_name(type, columns, "_fkey");
    for (std::size_t i = 0; i != relation; ++i) {
        const auto& others = type.relations[i].columns;
        if (others.empty() || constraint_name(type, others, "_fkey") != name) continue;
        // Two that use the same columns stay apart as well.
        return with_hash(std::move(name), exact_name(type, columns) + std::to_string(i));
    }
    return name;
}

std::string planned_index::quoted_name() const {
    const auto schema = schema_of(type->table);
    std::string out;
    if (!schema.empty()) {
        append_identifier(out, schema);
        out.push_back('.');
    }
    append_identifier(out, name);
    return out;
}

std::vector<planned_index> plan_indexes(std::span<const class_descriptor* const> classes) {
    std::vector<planned_index> all;
    for (const auto* type : classes)
        add_indexes_of(*type, all);
    std::map<std::pair<std::string_view, std::string>, std::vector<planned_index*>> by_name;
    for (auto& index : all)
        by_name[{schema_of(index.type->table), index.name}].push_back(&index);
    for (auto& [name, same] : by_name) {
        const auto keeps = std::ranges::min_element(same, {}, [](const planned_index* index) {
            return std::pair(index->type->table.size(), index->columns.size());
        });
        for (auto* const index : same)
            if (index != *keeps) index->name = with_hash(index->name, exact_name(*index->type, index->columns));
    }
    return all;
}

} // namespace wharf::schema
