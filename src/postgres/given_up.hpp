// Why something under way has ended.
#pragma once

#include "wharf/base/error.hpp"

#include <exception>

namespace wharf::postgres {

/// Whether the caller gave it up, by its deadline or by a cancellation: the connection itself has not failed.
[[nodiscard]] inline bool was_given_up(const std::exception_ptr& why) noexcept {
    try {
        std::rethrow_exception(why);
    } catch (const timed_out&) {
        return true;
    } catch (const cancelled&) {
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace wharf::postgres
