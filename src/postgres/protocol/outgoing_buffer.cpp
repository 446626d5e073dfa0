#include "postgres/protocol/outgoing_buffer.hpp"

#include "wharf/base/error.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <string>

namespace wharf::postgres::protocol {
namespace {

constexpr std::size_t first_capacity = 4096;
constexpr std::size_t kept_capacity = std::size_t{1} << 20;

void check_size(std::uint64_t body_size) {
    if (body_size > max_outgoing_message - sizeof(std::int32_t))
        throw usage_error("a message of " + std::to_string(body_size) +
                          " bytes is larger than PostgreSQL takes (1 GiB): send less at once");
}

} // namespace

std::uint64_t string_size(std::string_view text, std::string_view what) {
    if (text.find('\0') != std::string_view::npos)
        throw usage_error(std::string(what) + " holds a NUL byte, which PostgreSQL cannot take");
    return text.size() + std::uint64_t{1};
}

body_writer outgoing_buffer::begin(char type, std::uint64_t body_size) {
    check_size(body_size);
    body_writer writer{grow(body_size + 5)};
    writer.character(type).integer(static_cast<std::int32_t>(body_size + 4));
    return writer;
}

body_writer outgoing_buffer::begin_around(frontend_message type, std::uint64_t body_size, std::uint64_t borrowed) {
    check_size(body_size);
    body_writer writer{grow(body_size + 5 - borrowed)};
    writer.character(static_cast<char>(type)).integer(static_cast<std::int32_t>(body_size + 4));
    return writer;
}

void outgoing_buffer::insert(bytes_view bytes, std::size_t behind) {
    pieces_.push_back({written_ - behind, bytes, {}});
    inserted_ += bytes.size();
    written_ += bytes.size();
}

bytes_view outgoing_buffer::pending_piece(bytes_view own) const noexcept {
    const piece& next = pieces_.front();
    if (consumed() >= next.at) return next.bytes.subspan(consumed() - next.at);
    return own.first(next.at - consumed());
}

void outgoing_buffer::consume_pieces(std::size_t size) noexcept {
    while (size != 0 && !pieces_.empty()) {
        const std::size_t step = std::min(size, pending().size());
        if (consumed() < pieces_.front().at) {
            begin_ += step;
        } else {
            const bool last = step == pending().size();
            inserted_ -= step;
            if (last) pieces_.erase(pieces_.begin());
        }
        size -= step;
    }
    begin_ += std::min(size, end_ - begin_);
}

body_writer outgoing_buffer::begin_untyped(std::uint64_t body_size) {
    check_size(body_size);
    body_writer writer{grow(body_size + 4)};
    writer.integer(static_cast<std::int32_t>(body_size + 4));
    return writer;
}

void outgoing_buffer::append(bytes_view bytes) {
    body_writer{grow(bytes.size())}.bytes(bytes);
}

void outgoing_buffer::consume(std::size_t size) noexcept {
    consume_pieces(size);
    if (begin_ != end_ || !pieces_.empty()) return;
    begin_ = end_ = 0;
    if (capacity_ > kept_capacity) {
        data_.reset();
        capacity_ = 0;
    }
}

void outgoing_buffer::wipe() noexcept {
    if (empty() && data_) OPENSSL_cleanse(data_.get(), capacity_);
}

void outgoing_buffer::truncate(std::size_t size) noexcept {
    std::size_t taken = this->size() - std::min(size, this->size());
    while (!pieces_.empty() && pieces_.back().at >= written_ - taken) {
        const std::size_t inserted = pieces_.back().bytes.size();
        pieces_.pop_back();
        inserted_ -= inserted;
        written_ -= inserted;
        taken -= inserted;
    }
    end_ -= taken;
    written_ -= taken;
}

// Both sizes are below 2^31 plus what is pending, so 64-bit sums do not overflow.
std::byte* outgoing_buffer::grow(std::uint64_t size) {
    if (size > capacity_ - end_) {
        const std::size_t pending = end_ - begin_;
        if (pending + size <= capacity_ && begin_ >= pending) {
            if (pending != 0) std::memcpy(data_.get(), data_.get() + begin_, pending);
        } else {
            const std::size_t wanted = std::max({first_capacity, capacity_ * 2, pending + std::size_t{size}});
            auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted);
            if (pending != 0) std::memcpy(larger.get(), data_.get() + begin_, pending);
            data_ = std::move(larger);
            capacity_ = wanted;
        }
        begin_ = 0;
        end_ = pending;
    }
    std::byte* start = data_.get() + end_;
    end_ += size;
    written_ += size;
    return start;
}

} // namespace wharf::postgres::protocol
