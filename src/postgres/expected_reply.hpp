// What the server has been asked and has not answered yet, in order.
#pragma once

#include "postgres/prepared_statement.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace wharf::postgres {

struct expected_reply {
    enum class kind : std::uint8_t {
        parse,
        describe,
        describe_rows,
        describe_portal,
        bind,
        execute,
        copy_in,
        copy_out,
        close,
        script,
        sync
    };

    static constexpr std::uint32_t no_item = std::numeric_limits<std::uint32_t>::max();
    /// The driver's own question for types (type_resolver).
    static constexpr std::uint32_t lookup_item = no_item - 1;

    kind what{};
    bool commits{false};         ///< its answer tells whether something has been committed
    bool limited{false};         ///< Execute with a row limit: PortalSuspended may be its answer
    bool must_succeed{false};    ///< an error leaves the connection in an uncertain state
    bool dropped{false};         ///< nobody wants to know what becomes of it
    std::uint32_t item{no_item}; ///< of the batch; of a Sync: the last one of its group; none: the driver's own
    prepared_statement* statement{nullptr};
    std::uint64_t written_at{0}; ///< where its message begins in the stream of all that was ever sent
};

/// First in, first out; the memory is kept.
class expected_replies {
public:
    expected_reply& push(expected_reply reply) { return replies_.emplace_back(reply); }
    [[nodiscard]] bool empty() const noexcept { return front_ == replies_.size(); }
    [[nodiscard]] expected_reply& front() noexcept { return replies_[front_]; }
    [[nodiscard]] const expected_reply& front() const noexcept { return replies_[front_]; }
    void pop() noexcept {
        if (++front_ == replies_.size()) {
            replies_.clear();
            front_ = 0;
        }
    }
    [[nodiscard]] bool has_one() const noexcept { return front_ + 1 == replies_.size(); }
    /// Whether at most one Sync follows the one at the front.
    [[nodiscard]] bool ends_behind_front() const noexcept {
        const bool with_sync = front_ + 2 == replies_.size() && replies_.back().what == expected_reply::kind::sync;
        return has_one() || with_sync;
    }
    /// Precondition: not empty.
    [[nodiscard]] const expected_reply& back() const noexcept { return replies_.back(); }
    [[nodiscard]] auto begin() noexcept { return replies_.begin() + static_cast<std::ptrdiff_t>(front_); }
    [[nodiscard]] auto end() noexcept { return replies_.end(); }
    [[nodiscard]] auto begin() const noexcept { return replies_.begin() + static_cast<std::ptrdiff_t>(front_); }
    [[nodiscard]] auto end() const noexcept { return replies_.end(); }

private:
    std::vector<expected_reply> replies_{};
    std::size_t front_{0};
};

} // namespace wharf::postgres
