#include "wharf/row/parameters.hpp"

#include "wharf/base/error.hpp"

namespace wharf {
namespace {

constexpr std::size_t longest_value = std::size_t{1} << 30;

} // namespace

std::size_t parameters::open(type_oid type) {
    const auto start = bytes_.size();
    entries_.push_back({type, start});
    // Behind a large value a small one must not double the memory of both.
    constexpr std::size_t large = std::size_t{1} << 20;
    constexpr std::size_t room = 4096;
    if (start > large && bytes_.capacity() - start < room) bytes_.reserve(start + start / 8 + room);
    append(bytes_, std::int32_t{0});
    return start;
}

void parameters::close(std::size_t start) {
    const auto length = bytes_.size() - start - sizeof(std::int32_t);
    if (length > longest_value) {
        throw conversion_error("parameter $" + std::to_string(entries_.size()) + " has " + std::to_string(length) +
                               " bytes; a value may have at most 1 GiB");
    }
    store(bytes_.data() + start, static_cast<std::int32_t>(length));
}

void parameters::refuse(const conversion_error& why) const {
    throw conversion_error("parameter $" + std::to_string(entries_.size()) + ": " + why.what());
}

std::string_view parameters::encoded(std::size_t index) const noexcept {
    const auto start = entries_[index].at;
    const auto end = index + 1 < entries_.size() ? entries_[index + 1].at : bytes_.size();
    return std::string_view(bytes_).substr(start, end - start);
}

cell_view parameters::operator[](std::size_t index) const noexcept {
    const auto whole = encoded(index);
    const bool null = load<std::int32_t>(whole.data()) < 0;
    return {entries_[index].type, wire_format::binary, null, whole.substr(sizeof(std::int32_t))};
}

} // namespace wharf
