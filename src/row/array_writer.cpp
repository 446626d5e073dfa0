#include "wharf/row/array_writer.hpp"

#include "wharf/base/error.hpp"
#include "wharf/row/bytes.hpp"

#include <limits>

namespace wharf {
namespace {

constexpr std::size_t flags_at = 4;
constexpr std::size_t count_at = 12;
constexpr std::uint64_t counted = std::numeric_limits<std::uint64_t>::max(); // the number is known at the end
constexpr std::uint64_t most_elements = std::numeric_limits<std::int32_t>::max();

[[noreturn]] void refuse_count(std::uint64_t count) {
    throw conversion_error("an array has " + std::to_string(count) + " elements; at most 2^31 - 1 are possible");
}

} // namespace

array_writer::array_writer(std::string& out, type_oid element) : out_(&out), header_(out.size()), expected_(counted) {
    append(out, std::int32_t{1}); // dimensions
    append(out, std::int32_t{0}); // whether it contains NULL
    append(out, static_cast<std::uint32_t>(element));
    append(out, std::int32_t{0}); // elements
    append(out, std::int32_t{1}); // index of the first
}

array_writer::array_writer(std::string& out, type_oid element, std::span<const array_dimension> dimensions)
    : out_(&out), header_(out.size()), expected_(dimensions.empty() ? 0 : 1) {
    if (dimensions.size() > most_array_dimensions)
        throw conversion_error("an array has " + std::to_string(dimensions.size()) +
                               " dimensions; at most 6 are possible");
    for (const auto& dimension : dimensions) {
        if (dimension.size < 0) throw conversion_error("a dimension of an array has less than no elements");
        if (std::int64_t{dimension.lower_bound} + dimension.size > std::numeric_limits<std::int32_t>::max())
            throw conversion_error("an array has indexes beyond 2^31 - 1");
        expected_ *= static_cast<std::uint64_t>(dimension.size);
        if (expected_ > most_elements) refuse_count(expected_);
    }
    // An empty array has no dimensions, and so neither counts nor first indexes.
    append(out, expected_ == 0 ? std::int32_t{0} : static_cast<std::int32_t>(dimensions.size()));
    append(out, std::int32_t{0});
    append(out, static_cast<std::uint32_t>(element));
    if (expected_ == 0) return;
    for (const auto& dimension : dimensions) {
        append(out, dimension.size);
        append(out, dimension.lower_bound);
    }
}

void array_writer::add_null() {
    append(*out_, std::int32_t{-1});
    has_null_ = true;
    ++count_;
}

void array_writer::add_encoded(std::string_view bytes) {
    const auto start = open();
    out_->append(bytes);
    close(start);
}

std::size_t array_writer::open() {
    const auto start = out_->size();
    append(*out_, std::int32_t{0});
    return start;
}

void array_writer::close(std::size_t start) {
    const auto length = out_->size() - start - sizeof(std::int32_t);
    if (length > std::size_t{1} << 30) throw conversion_error("an element of an array has more than 1 GiB");
    store(out_->data() + start, static_cast<std::int32_t>(length));
    ++count_;
}

void array_writer::finish() {
    if (count_ > most_elements) refuse_count(count_);
    if (expected_ == counted) {
        store(out_->data() + header_ + count_at, static_cast<std::int32_t>(count_));
        if (count_ == 0) {
            store(out_->data() + header_, std::int32_t{0});
            out_->resize(header_ + count_at);
        }
    } else if (count_ != expected_) {
        throw conversion_error("an array has " + std::to_string(count_) + " elements where its dimensions have " +
                               std::to_string(expected_));
    }
    if (has_null_) store(out_->data() + header_ + flags_at, std::int32_t{1});
}

} // namespace wharf
