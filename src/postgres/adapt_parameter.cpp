#include "postgres/adapt_parameter.hpp"

#include "postgres/adapt_value.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"

namespace wharf::postgres {
namespace {

using protocol::format_code;

constexpr std::size_t largest_value = std::size_t{1} << 30;

std::string name_of_parameter(std::size_t index) {
    return "parameter $" + std::to_string(index + 1) + ": ";
}

[[noreturn]] void throw_out_of_range(std::size_t index, const user_types* types, type_oid given, type_oid wanted) {
    throw conversion_error(name_of_parameter(index) + "this value of type " + name_of(types, given) + " does not fit " +
                           name_of(types, wanted) + ", which the statement wants");
}

// Appends the value of one parameter and says in which format.
format_code append_adapted(std::size_t index, cell_view value, type_oid wanted, const user_types* types,
                           std::string& out) {
    adaptation done = adaptation::none;
    try {
        done = adapt_value(types, value.type, value.bytes, wanted, out);
    } catch (const composite_mismatch& error) {
        throw composite_mismatch(name_of_parameter(index) + error.what());
    }
    switch (done) {
    case adaptation::binary:
        return format_code::binary;
    case adaptation::text:
        return format_code::text;
    case adaptation::out_of_range:
        throw_out_of_range(index, types, value.type, wanted);
    case adaptation::none:
        break;
    }
    throw conversion_error(name_of_parameter(index) + "the statement wants " + name_of(types, wanted) + ", and " +
                           name_of(types, value.type) + " was given");
}

} // namespace

bool fits_as_it_is(const parameters& values, std::span<const type_oid> wanted) noexcept {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const cell_view value = values[i];
        if (value.type != wanted[i] && !value.null) return false;
    }
    return true;
}

void adapt_parameters(const parameters& values, std::span<const type_oid> wanted, const user_types* types,
                      adapted_parameters& out) {
    out.clear();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const cell_view value = values[i];
        if (value.null || value.type == wanted[i]) {
            out.bytes.append(values.encoded(i));
            out.formats.push_back(format_code::binary);
            continue;
        }
        const std::size_t length_at = out.bytes.size();
        append(out.bytes, std::int32_t{0});
        out.formats.push_back(append_adapted(i, value, wanted[i], types, out.bytes));
        const std::size_t size = out.bytes.size() - length_at - sizeof(std::int32_t);
        if (size > largest_value) throw_out_of_range(i, types, value.type, wanted[i]);
        store(out.bytes.data() + length_at, static_cast<std::int32_t>(size));
    }
}

} // namespace wharf::postgres
