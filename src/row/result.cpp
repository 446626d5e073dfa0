#include "wharf/row/result.hpp"

#include "wharf/row/bytes.hpp"

#include <algorithm>

namespace wharf {
namespace {

constexpr std::size_t block_size = std::size_t{16} * 1024;

constexpr type_oid type_of(cell_tag tag) noexcept {
    switch (tag) {
    case cell_tag::integer:
        return type_oid::int8;
    case cell_tag::real:
        return type_oid::float8;
    case cell_tag::text:
        return type_oid::text;
    case cell_tag::blob:
        return type_oid::bytea;
    }
    return type_oid::unspecified;
}

const result_shape no_columns{};

} // namespace

cell_view row_view::next() noexcept {
    const auto& column = shape_->columns[index_++];
    const auto length = load<std::int32_t>(at_);
    at_ += sizeof length;
    if (length < 0) return {column.type, column.format, true, {}, nullptr};
    std::string_view bytes(at_, static_cast<std::size_t>(length));
    at_ += length;
    if (!shape_->tagged) return {column.type, column.format, false, bytes, shape_->types.get()};
    const auto type = type_of(static_cast<cell_tag>(bytes.front()));
    bytes.remove_prefix(1);
    return {type, wire_format::binary, false, bytes, nullptr};
}

const result_shape& result::shape() const noexcept {
    return shape_ ? *shape_ : no_columns;
}

char* result::allocate(std::size_t size) {
    if (size > free_size_) {
        // Most results are one small row: only those that grow get whole blocks.
        const auto block = blocks_.empty() ? size : std::max(size, block_size);
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
        free_ = blocks_.back().get();
        free_size_ = block;
    }
    auto* memory = free_;
    free_ += size;
    free_size_ -= size;
    return memory;
}

void result::clear() noexcept {
    shape_.reset();
    blocks_.clear();
    rows_.clear();
    free_ = nullptr;
    free_size_ = 0;
    affected_ = 0;
}

} // namespace wharf
