#include "row/array_reader.hpp"

#include "row/conversion.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/type_name.hpp"

namespace wharf::detail {

array_reader::array_reader(const cell_view& cell) : cell_(&cell), rest_(cell.bytes) {
    constexpr std::size_t header = 12;
    if (rest_.size() < header) refuse_bytes(cell);
    const auto dimensions = load<std::int32_t>(rest_.data());
    element_ = static_cast<type_oid>(load<std::uint32_t>(rest_.data() + 8));
    rest_.remove_prefix(header);
    if (dimensions == 0) {
        expect_end();
        return;
    }
    if (dimensions != 1) {
        if (dimensions < 0 || dimensions > 6) refuse_bytes(cell);
        throw conversion_error("a value of type " + name_of(cell.type) + " has " + std::to_string(dimensions) +
                               " dimensions; only arrays of one dimension can be read");
    }
    if (rest_.size() < 8) refuse_bytes(cell);
    const auto count = load<std::int32_t>(rest_.data());
    rest_.remove_prefix(8);
    // Each element has at least a length: a count beyond that is a lie, found before any memory is reserved.
    if (count < 0 || static_cast<std::size_t>(count) > rest_.size() / sizeof(std::int32_t)) refuse_bytes(cell);
    size_ = static_cast<std::size_t>(count);
}

cell_view array_reader::next() {
    if (rest_.size() < sizeof(std::int32_t)) refuse_bytes(*cell_);
    const auto length = load<std::int32_t>(rest_.data());
    rest_.remove_prefix(sizeof length);
    if (length == -1) return {element_, wire_format::binary, true, {}};
    if (length < 0 || static_cast<std::size_t>(length) > rest_.size()) refuse_bytes(*cell_);
    const auto bytes = rest_.substr(0, static_cast<std::size_t>(length));
    rest_.remove_prefix(bytes.size());
    return {element_, wire_format::binary, false, bytes};
}

void array_reader::expect_end() const {
    if (!rest_.empty()) refuse_bytes(*cell_);
}

} // namespace wharf::detail
