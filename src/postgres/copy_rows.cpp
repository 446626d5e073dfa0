#include "postgres/copy_rows.hpp"

#include "postgres/protocol/body_reader.hpp"
#include "postgres/protocol/copy.hpp"
#include "wharf/row/bytes.hpp"

#include <cstdint>
#include <utility>

namespace wharf::postgres {
namespace {

[[noreturn]] void refuse(std::string_view why) {
    protocol::throw_violation("COPY in binary", why);
}

// The size of the row at the front; 0: it is not complete.
std::size_t row_size(std::string_view bytes, std::size_t columns) {
    std::size_t size = sizeof(std::int16_t);
    for (std::size_t i = 0; i < columns; ++i) {
        if (bytes.size() - size < sizeof(std::int32_t)) return 0;
        const auto length = load<std::int32_t>(bytes.data() + size);
        size += sizeof(std::int32_t);
        if (length == -1) continue;
        if (length < 0) refuse("has a cell of an impossible length");
        if (static_cast<std::size_t>(length) > bytes.size() - size) return 0;
        size += static_cast<std::size_t>(length);
    }
    return size;
}

} // namespace

void copy_row_splitter::start(std::size_t columns, std::size_t row_limit) {
    columns_ = columns;
    row_limit_ = row_limit;
    header_seen_ = ended_ = false;
    tail_.clear();
    assembled_.clear();
}

void copy_row_splitter::take(std::string_view message, std::vector<std::string_view>& rows) {
    std::string_view rest = message;
    const bool in_pieces = !tail_.empty();
    if (in_pieces) {
        tail_.append(message);
        assembled_.push_back(std::move(tail_));
        tail_.clear();
        rest = assembled_.back();
    }
    const std::size_t whole = rest.size();
    if (!header_seen_) header_seen_ = take_header(rest);
    if (header_seen_)
        while (take_row(rest, rows)) {
        }
    if (rest.empty()) return;
    if (rest.size() > row_limit_) refuse("has a row above the limit of " + std::to_string(row_limit_) + " bytes");
    if (in_pieces && rest.size() == whole) {
        tail_ = std::move(assembled_.back());
        assembled_.pop_back();
    } else {
        tail_.assign(rest);
    }
}

// False: it is not complete.
bool copy_row_splitter::take_header(std::string_view& rest) {
    const auto known = std::min(rest.size(), protocol::copy_signature_size);
    if (rest.substr(0, known) != protocol::copy_header.substr(0, known)) refuse("does not begin with its signature");
    if (rest.size() < protocol::copy_header.size()) return false;
    const auto flags = load<std::uint32_t>(rest.data() + protocol::copy_signature_size);
    if (flags >> 16 != 0) refuse("has flags that are not known");
    const auto extension = load<std::uint32_t>(rest.data() + protocol::copy_signature_size + sizeof flags);
    if (extension > row_limit_) refuse("has an extension of an impossible size");
    if (rest.size() - protocol::copy_header.size() < extension) return false;
    rest.remove_prefix(protocol::copy_header.size() + extension);
    return true;
}

bool copy_row_splitter::take_row(std::string_view& rest, std::vector<std::string_view>& rows) {
    if (rest.empty()) return false;
    if (ended_) refuse("goes on behind its end");
    if (rest.size() < sizeof(std::int16_t)) return false;
    const auto count = load<std::int16_t>(rest.data());
    if (count == -1) {
        ended_ = true;
        rest.remove_prefix(sizeof count);
        return true;
    }
    if (count < 0 || static_cast<std::size_t>(count) != columns_)
        refuse("has a row of " + std::to_string(count) + " cells where " + std::to_string(columns_) +
               " were announced");
    const std::size_t size = row_size(rest, columns_);
    if (size == 0) return false;
    rows.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
    return true;
}

void copy_row_splitter::finish() const {
    if (!ended_ || !tail_.empty()) refuse("ended too early");
}

} // namespace wharf::postgres
