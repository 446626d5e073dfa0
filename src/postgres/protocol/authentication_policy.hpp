// Which ways of logging in the client accepts: libpq's require_auth.
#pragma once

#include <cstdint>
#include <string_view>

namespace wharf::postgres::protocol {

class authentication_policy {
public:
    enum class method : std::uint8_t { none, password, md5, gss, sspi, scram, oauth };

    /// Accepts every method, and none at all.
    authentication_policy() = default;
    /// From a list of methods separated by commas, all with "!" in front or none, none twice; empty: as above. The
    /// first form accepts these alone, the second all but these. Throws configuration_error.
    explicit authentication_policy(std::string_view list);

    [[nodiscard]] bool accepts(method one) const noexcept { return (accepted_ & bit(one)) != 0; }
    /// Whether the list has `one` without "!".
    [[nodiscard]] bool names(method one) const noexcept { return (named_ & bit(one)) != 0; }

private:
    static constexpr std::uint8_t bit(method one) noexcept {
        return static_cast<std::uint8_t>(1U << static_cast<unsigned>(one));
    }

    std::uint8_t accepted_{0xff};
    std::uint8_t named_{0};
};

} // namespace wharf::postgres::protocol
