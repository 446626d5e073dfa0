// What is known of the user types of one database; shared by the connections to it.
#pragma once

#include "wharf/row/user_types.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace wharf::postgres {

/// Any thread.
class type_catalogue {
public:
    struct snapshot {
        std::shared_ptr<const user_types> types; ///< shared with statements and results; never changed
        std::uint64_t generation;
    };

    [[nodiscard]] snapshot known() const;
    /// Adds what was asked for in this generation; does nothing when all has been forgotten since.
    void add(std::uint64_t generation, std::vector<user_type> found);
    /// Types may have changed: whoever uses one asks again.
    void forget_all();
    /// Grows with each forget_all().
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const user_types> types_{std::make_shared<const user_types>()}; // guarded by mutex_
    std::atomic<std::uint64_t> generation_{1};                                      // changed under mutex_
};

/// Whether a command with this tag may change what is known of types.
[[nodiscard]] bool changes_types(std::string_view command_tag) noexcept;

} // namespace wharf::postgres
