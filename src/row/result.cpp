#include "wharf/row/result.hpp"

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

cell_view row_view::untagged(const column_info& column, std::string_view bytes) noexcept {
    const auto type = type_of(static_cast<cell_tag>(bytes.front()));
    bytes.remove_prefix(1);
    const bool is_number = type == type_oid::int8 || type == type_oid::float8;
    return {type, wire_format::binary, false, bytes, nullptr, is_number && column.type == type_oid::numeric};
}

const result_shape& result::shape() const noexcept {
    return shape_ ? *shape_ : no_columns;
}

char* result::allocate(std::size_t size) {
    if (size > free_size_ || !block_) { // nothing is free in a result that was moved from
        // Most results are one small row: only those that grow get whole blocks.
        const auto room = block_ ? std::max(size, block_size) : size;
        auto block = std::make_unique_for_overwrite<char[]>(room);
        free_ = block.get();
        free_size_ = room;
        if (block_)
            adopt(std::move(block));
        else
            block_ = std::move(block);
    }
    auto* memory = free_;
    free_ += size;
    free_size_ -= size;
    return memory;
}

void result::add_rows(std::span<const char* const> bodies, std::ptrdiff_t moved) {
    std::ranges::transform(bodies, rows_.extend(bodies.size()).begin(),
                           [moved](const char* body) { return body + moved; });
}

void result::clear() noexcept {
    shape_.reset();
    block_.reset();
    more_blocks_.clear();
    rows_.clear();
    free_ = nullptr;
    free_size_ = 0;
    affected_ = 0;
}

} // namespace wharf
