#include "wharf/connection/copy_buffer.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>

namespace wharf {
namespace {

// Room for the row that fills it, mostly.
constexpr std::size_t usual_capacity = copy_buffer::full_size + (std::size_t{4} << 10);

// Text has one form, whatever the column calls it.
bool same_form(type_oid given, type_oid wanted) noexcept {
    return given == wanted || (given == type_oid::text && (wanted == type_oid::varchar || wanted == type_oid::bpchar));
}

} // namespace

copy_buffer::copy_buffer()
    : bytes_(std::make_unique_for_overwrite<char[]>(usual_capacity)), capacity_(usual_capacity) {}

void copy_buffer::aim_at(const copy_driver& driver, std::span<const type_oid> given) {
    const auto& columns = driver.copy_columns().columns;
    if (columns.size() != given.size())
        throw usage_error("these rows have " + std::to_string(given.size()) + " values, and " +
                          std::to_string(columns.size()) + " columns are to be filled");
    driver_ = &driver;
    columns_ = columns;
    adapts_ = false;
    for (std::size_t i = 0; i < given.size(); ++i)
        adapts_ = adapts_ || !same_form(given[i], columns[i].type);
}

std::size_t copy_buffer::add_text(std::string_view bytes) {
    const std::size_t taken = full() ? 0 : std::min(bytes.size(), full_size - size_);
    if (taken != 0) std::memcpy(grow(taken), bytes.data(), taken);
    return taken;
}

void copy_buffer::clear() {
    sent_ += size_ - copy_driver::frame_head;
    size_ = copy_driver::frame_head;
    if (capacity_ <= usual_capacity * 16) return; // a row of unusual size has been here
    bytes_ = std::make_unique_for_overwrite<char[]>(usual_capacity);
    capacity_ = usual_capacity;
}

void copy_buffer::enlarge(std::size_t size) {
    const std::size_t wanted = std::max({usual_capacity, capacity_ * 2, size_ + size});
    auto larger = std::make_unique_for_overwrite<char[]>(wanted);
    std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = wanted;
}

void copy_buffer::put_adapted_bytes(type_oid given, std::size_t column) {
    if (same_form(given, columns_[column].type)) return put_bytes(cell_);
    adapted_.clear();
    driver_->adapt_copy_value(columns_[column], given, cell_, adapted_);
    put_bytes(adapted_);
}

void copy_buffer::refuse_size(std::size_t size) {
    throw conversion_error("a value of " + std::to_string(size) +
                           " bytes is too large; a value may have at most 1 GiB");
}

} // namespace wharf
