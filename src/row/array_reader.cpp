#include "wharf/row/array_reader.hpp"

#include "row/conversion.hpp"
#include "row/text_array.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/type_name.hpp"
#include "wharf/row/user_types.hpp"

#include <limits>
#include <string>

namespace wharf {
namespace {

constexpr std::string_view target = "array";

/// Arrays say of themselves that they are arrays only where their type is one of PostgreSQL's own.
bool may_be_array(const cell_view& cell) noexcept {
    if (element_of(cell.type) != type_oid::unspecified) return true;
    const auto* known = cell.types == nullptr ? nullptr : cell.types->find(cell.type);
    return known == nullptr ? cell.type >= detail::first_user_type : known->form == type_form::array;
}

} // namespace

struct array_reader::parsed_text {
    detail::text_array array;
    type_oid element; ///< of elements in PostgreSQL's text form; unspecified in JSON
    std::size_t read{0};
};

array_reader::array_reader(const cell_view& cell) : cell_(&cell), rest_(cell.bytes) {
    const bool array_type = may_be_array(cell);
    if (cell.format == wire_format::binary && array_type) {
        read_header();
        return;
    }
    // Of the types without elements only text and JSON can hold an array, and that is JSON.
    const bool json = !array_type;
    if (json && !detail::is_text(cell) && cell.type != type_oid::jsonb) detail::refuse_type(cell, target);
    read_text(detail::text_of(cell, target), json);
}

array_reader::~array_reader() = default;

void array_reader::read_header() {
    constexpr std::size_t header = 12;
    constexpr std::size_t per_dimension = 8;
    if (rest_.size() < header) detail::refuse_bytes(*cell_);
    const auto depth = load<std::int32_t>(rest_.data());
    element_ = static_cast<type_oid>(load<std::uint32_t>(rest_.data() + 8));
    if (cell_->types != nullptr) element_ = cell_->types->read_as(element_);
    rest_.remove_prefix(header);
    if (depth < 0 || static_cast<std::size_t>(depth) > most_array_dimensions) detail::refuse_bytes(*cell_);
    depth_ = static_cast<std::size_t>(depth);
    if (rest_.size() < depth_ * per_dimension) detail::refuse_bytes(*cell_);
    // Each element has at least a length: more elements than that are a lie, found before any memory is reserved.
    const auto most = rest_.size() / sizeof(std::int32_t);
    size_ = depth_ == 0 ? 0 : 1;
    for (std::size_t at = 0; at < depth_; ++at) {
        auto& dimension = dimensions_[at];
        dimension.size = load<std::int32_t>(rest_.data());
        dimension.lower_bound = load<std::int32_t>(rest_.data() + sizeof(std::int32_t));
        rest_.remove_prefix(per_dimension);
        if (dimension.size < 0) detail::refuse_bytes(*cell_);
        const auto size = static_cast<std::size_t>(dimension.size);
        if (size != 0 && size_ > most / size) detail::refuse_bytes(*cell_);
        size_ *= size;
    }
    if (size_ == 0) depth_ = 0;
    if (depth_ == 0) expect_end();
}

void array_reader::read_text(std::string_view text, bool json) {
    text_ = std::make_unique<parsed_text>();
    text_->element = json ? type_oid::unspecified : element_of(cell_->type);
    rest_ = {};
    const bool understood = json ? detail::parse_json_array(text, text_->array)
                                 : detail::parse_array_literal(text, cell_->type, text_->array);
    if (!understood) detail::refuse_text(*cell_, target);
    depth_ = text_->array.depth;
    dimensions_ = text_->array.dimensions;
    size_ = text_->array.elements.size();
}

cell_view array_reader::next() {
    if (text_) {
        auto element = text_->array.at(text_->read++);
        // A string of JSON is the text form of whatever it is read as.
        if (element.type == type_oid::unspecified) element.type = text_->element;
        return element;
    }
    if (rest_.size() < sizeof(std::int32_t)) detail::refuse_bytes(*cell_);
    const auto length = load<std::int32_t>(rest_.data());
    rest_.remove_prefix(sizeof length);
    if (length == -1) return {element_, wire_format::binary, true, {}, cell_->types};
    if (length < 0 || static_cast<std::size_t>(length) > rest_.size()) detail::refuse_bytes(*cell_);
    const auto bytes = rest_.substr(0, static_cast<std::size_t>(length));
    rest_.remove_prefix(bytes.size());
    return {element_, wire_format::binary, false, bytes, cell_->types};
}

void array_reader::expect_end() const {
    if (!rest_.empty()) detail::refuse_bytes(*cell_);
}

void array_reader::expect_dimensions(std::size_t count) const {
    if (depth_ == count || depth_ == 0) return;
    throw conversion_error("a value of type " + detail::type_name(*cell_) + " has " + std::to_string(depth_) +
                           " dimensions where " + std::to_string(count) + " are read");
}

void array_reader::refuse_null() const {
    throw conversion_error("a value of type " + detail::type_name(*cell_) +
                           " contains NULL; read it into elements of std::optional<T> to accept that");
}

void array_reader::refuse_size(std::size_t dimension, std::size_t wanted) const {
    throw conversion_error("a value of type " + detail::type_name(*cell_) + " has " +
                           std::to_string(size_of(dimension)) + " elements where exactly " + std::to_string(wanted) +
                           " are read");
}

} // namespace wharf
