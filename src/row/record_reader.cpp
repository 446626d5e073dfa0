#include "row/record_reader.hpp"

#include "row/conversion.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/user_types.hpp"

#include <cstdint>

namespace wharf::detail {
namespace {

constexpr std::size_t member_head = 8; // type and length

} // namespace

record_reader::record_reader(const cell_view& record) : record_(&record), rest_(record.bytes) {
    if (rest_.size() < sizeof(std::int32_t)) refuse_bytes(record);
    const auto count = load<std::int32_t>(rest_.data());
    rest_.remove_prefix(sizeof count);
    if (count < 0 || static_cast<std::size_t>(count) > rest_.size() / member_head) refuse_bytes(record);
    size_ = static_cast<std::size_t>(count);
}

cell_view record_reader::next() {
    if (rest_.size() < member_head) refuse_bytes(*record_);
    cell_view member{
        static_cast<type_oid>(load<std::uint32_t>(rest_.data())), wire_format::binary, true, {}, record_->types};
    if (member.types != nullptr) member.type = member.types->read_as(member.type);
    const auto length = load<std::int32_t>(rest_.data() + sizeof(std::uint32_t));
    rest_.remove_prefix(member_head);
    if (length == -1) return member;
    if (length < 0 || static_cast<std::size_t>(length) > rest_.size()) refuse_bytes(*record_);
    member.null = false;
    member.bytes = rest_.substr(0, static_cast<std::size_t>(length));
    rest_.remove_prefix(member.bytes.size());
    return member;
}

void record_reader::expect_end() const {
    if (!rest_.empty()) refuse_bytes(*record_);
}

} // namespace wharf::detail
