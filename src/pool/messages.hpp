// The pool's error messages.
#pragma once

#include "base/words.hpp"
#include "wharf/base/time.hpp"
#include "wharf/pool/pool_stats.hpp"

#include <exception>
#include <optional>
#include <string>

namespace wharf::detail {

/// What an acquire in vain saw.
struct pool_picture {
    pool_stats stats{};
    std::optional<duration> longest_holder{};
    std::optional<duration> longest_connect{}; ///< of those under way
    std::size_t failed_checks{0};              ///< idle connections that this acquire found dead
    std::string last_connect_error{};          ///< empty when the last connect succeeded
};

[[nodiscard]] std::string acquire_timeout_message(duration waited, const pool_picture& picture);
[[nodiscard]] std::string too_many_waiting_message(std::size_t max_waiting, const pool_picture& picture);
[[nodiscard]] std::string open_timeout_message(const pool_picture& picture);
[[nodiscard]] std::string close_timeout_message(const pool_picture& picture);
/// An exception for one thread alone: those that waiters get are not shared between them.
[[nodiscard]] std::exception_ptr copy_of(const std::exception_ptr& error);
/// Whether the next attempt to connect may go better although nobody changes anything.
[[nodiscard]] bool waiting_may_help(const std::exception_ptr& error);
/// The text of an exception.
[[nodiscard]] std::string text_of(const std::exception_ptr& error);

} // namespace wharf::detail
