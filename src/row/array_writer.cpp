#include "wharf/base/error.hpp"
#include "wharf/row/arrays.hpp"
#include "wharf/row/bytes.hpp"

#include <limits>

namespace wharf {
namespace {

constexpr std::size_t flags_at = 4;
constexpr std::size_t count_at = 12;

} // namespace

array_writer::array_writer(std::string& out, type_oid element) : out_(&out), header_(out.size()) {
    append(out, std::int32_t{1}); // dimensions
    append(out, std::int32_t{0}); // whether it contains NULL
    append(out, static_cast<std::uint32_t>(element));
    append(out, std::int32_t{0}); // elements
    append(out, std::int32_t{1}); // index of the first
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
    if (count_ > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()))
        throw conversion_error("an array has " + std::to_string(count_) + " elements; at most 2^31 - 1 are possible");
    if (count_ == 0) {
        // An empty array has no dimensions, and so neither count nor first index.
        store(out_->data() + header_, std::int32_t{0});
        out_->resize(header_ + count_at);
        return;
    }
    store(out_->data() + header_ + flags_at, std::int32_t{has_null_ ? 1 : 0});
    store(out_->data() + header_ + count_at, static_cast<std::int32_t>(count_));
}

} // namespace wharf
