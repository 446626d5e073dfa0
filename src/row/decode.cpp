#include "wharf/row/decode.hpp"

#include "row/conversion.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/encode.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace wharf {
namespace {

[[noreturn]] void add_column(const conversion_error& error, std::string_view column) {
    throw conversion_error("column \"" + std::string(column) + "\": " + error.what());
}

// What most cells of most rows are, without a call.
void load_number(const char* from, std::int32_t size, void* to) noexcept {
    const auto copy = [from, to]<class Bits>(Bits bits) {
        bits = load<Bits>(from);
        std::memcpy(to, &bits, sizeof bits);
    };
    if (size == sizeof(std::uint64_t))
        copy(std::uint64_t{});
    else if (size == sizeof(std::uint32_t))
        copy(std::uint32_t{});
    else
        copy(std::uint16_t{});
}

std::vector<std::string_view> names_of(const result_shape& shape) {
    std::vector<std::string_view> names;
    names.reserve(shape.columns.size());
    for (const auto& column : shape.columns)
        names.emplace_back(column.name);
    return names;
}

} // namespace

void detail::refuse_null() {
    throw conversion_error("the value is NULL; read it into std::optional<T> to accept that");
}

void decode_cell(const cell_view& cell, std::string_view column, void* out, const type_operations& operations) {
    try {
        operations.decode(cell, out);
    } catch (const conversion_error& error) {
        add_column(error, column);
    }
}

void detail::look_at_columns(const result_shape& shape, std::span<placed_field> fields) noexcept {
    if (shape.tagged) return;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const type_operations& operations = *fields[i].operations;
        const column_info& column = shape.columns[i];
        if (operations.number_size != 0 && column.type == operations.type && column.format == wire_format::binary)
            fields[i].number_size = operations.number_size;
    }
}

void detail::decode_fields(row_view row, void* into, std::span<const placed_field> fields) {
    try {
        for (const placed_field& field : fields) {
            void* const target = static_cast<char*>(into) + field.offset;
            if (const char* const number = row.next_if_sized(field.number_size))
                load_number(number, field.number_size, target);
            else
                field.operations->decode(row.next(), target);
        }
    } catch (const conversion_error& error) {
        add_column(error, row.shape().columns[row.position() - 1].name);
    }
}

void detail::expect_columns(const result_shape& shape, std::size_t count) {
    if (shape.columns.size() == count) return;
    const auto names = names_of(shape);
    throw conversion_error("the statement returns " + std::to_string(names.size()) + " columns (" + quoted_list(names) +
                           ") where " + std::to_string(count) + " are read");
}

void detail::expect_members(const result_shape& shape, std::span<const std::string_view> members) {
    if (shape.columns.size() == members.size()) return;
    throw conversion_error("the statement returns " + std::to_string(shape.columns.size()) + " columns (" +
                           quoted_list(names_of(shape)) + ") where the struct has " + std::to_string(members.size()) +
                           " members (" + quoted_list(members) + ")");
}

std::vector<std::uint8_t> detail::match_members(const result_shape& shape, std::span<const std::string_view> members) {
    std::vector<std::uint8_t> found;
    std::vector<std::string_view> extra;
    std::vector<std::string_view> missing;
    for (const auto& column : shape.columns) {
        const auto member = std::ranges::find(members, std::string_view(column.name));
        if (member == members.end()) {
            extra.emplace_back(column.name);
            continue;
        }
        const auto index = static_cast<std::uint8_t>(member - members.begin());
        if (std::ranges::find(found, index) != found.end())
            throw conversion_error("the statement returns column \"" + column.name + "\" twice; name them apart");
        found.push_back(index);
    }
    for (std::size_t index = 0; index < members.size(); ++index)
        if (std::ranges::find(found, index) == found.end()) missing.push_back(members[index]);
    if (extra.empty() && missing.empty()) return found;
    std::string text = "the columns of the statement and the members of the struct differ";
    if (!missing.empty()) text += "; no column for member " + quoted_list(missing);
    if (!extra.empty()) text += "; no member for column " + quoted_list(extra);
    throw conversion_error(text);
}

void encode_parameter(parameters& out, const type_operations& operations, const void* value) {
    operations.encode(value, out);
}

} // namespace wharf
