// What NOTIFY sends to those who LISTEN.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wharf {

/// Valid during the call that it is given to.
struct notification_view {
    std::string_view channel{};
    std::string_view payload{};
    std::int32_t sender{0}; ///< process id of the server's side of the sending connection
};

struct notification {
    notification() = default;
    explicit notification(const notification_view& seen)
        : channel(seen.channel), payload(seen.payload), sender(seen.sender) {}

    std::string channel{};
    std::string payload{};
    std::int32_t sender{0};
};

} // namespace wharf
