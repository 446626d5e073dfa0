#include "orm/told_row.hpp"

#include "orm/reference_values.hpp"

namespace wharf::orm {
namespace {

encoded_row join(const std::vector<std::string_view>& columns) {
    encoded_row row;
    for (const auto column : columns)
        row += column;
    return row;
}

} // namespace

told_row::told_row(trial_objects& trial, object_state& object, std::string_view known, std::string_view held)
    : trial_(trial), object_(object), exposed_(object.touched || object.watch != nullptr) {
    if (!exposed_) return; // a write to it would have gone through the session, which is inside its flush
    split_row(known, object.type->columns.size(), known_);
    split_row(held, object.type->columns.size(), held_);
}

bool told_row::is_untouched(std::size_t column) const {
    parameters now;
    try {
        encode_column(object_, column, now);
    } catch (...) {
        return false; // what was sent could be encoded
    }
    return now.encoded(0) == held_[column];
}

void told_row::keep(std::size_t column, std::string_view encoded) {
    owned_.push_back(std::make_unique<encoded_row>(encoded));
    known_[column] = held_[column] = *owned_.back();
}

void told_row::set(std::size_t column, const cell_view& cell) {
    const auto& described = object_.type->columns[column];
    if (described.type == nullptr) return;
    auto& into = !exposed_ || is_untouched(column) ? object_ : trial_.of(*object_.type);
    const auto keep_as_read = [&] {
        parameters read;
        encode_column(into, column, read);
        keep(column, read.encoded(0));
    };
    try {
        described.type->decode(cell, described.at(into.object()));
    } catch (...) { // whatever is left of it is no change
        if (exposed_ && &into == &object_) keep_as_read();
        throw;
    }
    if (exposed_) keep_as_read();
}

void told_row::set(std::size_t column, std::string_view encoded) {
    if (object_.type->columns[column].type == nullptr) return;
    if (!exposed_) {
        parameters held;
        encode_column(object_, column, held);
        if (held.encoded(0) != encoded) restore_column(object_, column, encoded);
        return;
    }
    if (held_[column] != encoded && is_untouched(column)) restore_column(object_, column, encoded);
    keep(column, encoded);
}

encoded_row told_row::known() const {
    return join(known_);
}

encoded_row told_row::held() const {
    return join(held_);
}

key_value told_row::key_of(const relation_descriptor& relation) const {
    return exposed_ ? reference_key_in(*object_.type, relation, known_) : key_in_members(object_, relation);
}

void told_row::encode(std::size_t column, parameters& out) const {
    const auto& wire = object_.type->columns[column].wire;
    if (!exposed_) return encode_column(object_, column, out);
    const auto cell = cell_of(known_[column], wire);
    if (cell.null)
        out.add_null(cell.type);
    else
        out.add_encoded(cell.type, cell.bytes);
}

encoded_row told_row::known_with_references() const {
    encoded_row row;
    parameters reference;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        if (object_.type->columns[i].type != nullptr) {
            row += known_[i];
            continue;
        }
        reference.clear();
        encode_column(object_, i, reference);
        row += reference.encoded();
    }
    return row;
}

} // namespace wharf::orm
