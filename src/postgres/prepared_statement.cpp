#include "postgres/prepared_statement.hpp"

#include "postgres/known_types.hpp"

#include <algorithm>

namespace wharf::postgres {

namespace {

// Apart from their types, which may have been resolved.
bool same_columns(const result_shape& known, const std::vector<protocol::column_description>& columns) {
    return std::ranges::equal(
        known.columns, columns, [](const column_info& one, const protocol::column_description& other) {
            return one.name == other.name && one.table == other.table &&
                   (one.format == wire_format::binary) == (other.format == protocol::format_code::binary);
        });
}

void note_user_type(type_oid type, std::vector<type_oid>& noted) {
    if (is_foreign(type) && std::ranges::find(noted, type) == noted.end()) noted.push_back(type);
}

protocol::format_code to_code(wire_format format) noexcept {
    return format == wire_format::binary ? protocol::format_code::binary : protocol::format_code::text;
}

// Bind takes one format for all where they agree.
std::vector<protocol::format_code> formats_of(const std::vector<column_info>& columns) {
    std::vector<protocol::format_code> formats;
    formats.reserve(columns.size());
    for (const column_info& column : columns)
        formats.push_back(to_code(column.format));
    const auto differs = [&](protocol::format_code format) { return format != formats.front(); };
    if (!formats.empty() && std::ranges::none_of(formats, differs)) formats.resize(1);
    return formats;
}

} // namespace

void prepared_statement::describe_portal(const std::vector<protocol::column_description>& columns) {
    const auto same_type = [](type_oid known, const protocol::column_description& column) {
        return known == static_cast<type_oid>(column.type);
    };
    if (shape && same_columns(*shape, columns) && std::ranges::equal(described_columns, columns, same_type)) return;
    describe_rows(columns);
    if (types) { // of types that were made meanwhile nothing is known yet: the next run asks
        const bool all_known =
            std::ranges::all_of(user_types_used, [this](type_oid type) { return types->find(type) != nullptr; });
        resolve(types, all_known ? types_generation : 0);
    }
    auto as_they_come = std::make_shared<result_shape>(*shape);
    for (std::size_t i = 0; i < columns.size(); ++i)
        as_they_come->columns[i].format =
            columns[i].format == protocol::format_code::binary ? wire_format::binary : wire_format::text;
    shape = std::move(as_they_come);
}

void prepared_statement::describe_parameters(const std::vector<std::uint32_t>& parameters) {
    user_types_used.clear();
    types_generation = 0;
    parameter_types.clear();
    for (const std::uint32_t parameter : parameters) {
        parameter_types.push_back(static_cast<type_oid>(parameter));
        note_user_type(parameter_types.back(), user_types_used);
    }
    described_parameters = parameter_types;
}

void prepared_statement::describe_rows(const std::vector<protocol::column_description>& columns) {
    auto described = std::make_shared<result_shape>();
    described->columns.reserve(columns.size());
    described_columns.clear();
    for (const protocol::column_description& column : columns) {
        const auto type = static_cast<type_oid>(column.type);
        const bool binary = arrives_in_binary(type);
        described->columns.push_back(
            {column.name, type, binary ? wire_format::binary : wire_format::text, column.table});
        described_columns.push_back(type);
        note_user_type(type, user_types_used);
    }
    result_formats = formats_of(described->columns);
    shape = std::move(described);
}

void prepared_statement::resolve(std::shared_ptr<const user_types> known, std::uint64_t generation) {
    types = std::move(known);
    types_generation = generation;
    for (std::size_t index = 0; index < parameter_types.size(); ++index)
        parameter_types[index] = types->written_as(described_parameters[index]);
    if (shape == nullptr) return;
    auto resolved = std::make_shared<result_shape>(*shape);
    resolved->types = types;
    for (std::size_t index = 0; index < resolved->columns.size(); ++index) {
        const auto type = described_columns[index];
        resolved->columns[index].type = types->read_as(type);
        resolved->columns[index].format = arrives_in_binary(type, *types) ? wire_format::binary : wire_format::text;
    }
    result_formats = formats_of(resolved->columns);
    shape = std::move(resolved);
}

} // namespace wharf::postgres
