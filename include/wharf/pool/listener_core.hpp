// The listener behind its faces.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/io/background.hpp"
#include "wharf/pool/listener_options.hpp"

#include <memory>
#include <string>

namespace wharf {

namespace detail {
class listener_state;
} // namespace detail

/// Any thread. Does no I/O before listen() or next(); from then on its work in the background owns the connection,
/// reads what comes, and opens another when it is lost. The destructor does not wait for the server.
class listener_core {
public:
    /// Throws configuration_error, and usage_error for a backend without LISTEN.
    listener_core(std::shared_ptr<connector> database, std::shared_ptr<io::background> background,
                  const listener_options& options = {});
    listener_core(const listener_core&) = delete;
    listener_core& operator=(const listener_core&) = delete;
    ~listener_core();

    [[nodiscard]] io::op<void> listen(std::string channel);
    [[nodiscard]] io::op<void> unlisten(std::string channel);
    [[nodiscard]] io::op<listener_event> next();
    [[nodiscard]] listener_stats stats() const;
    [[nodiscard]] io::background& context() const noexcept { return *background_; }

private:
    std::shared_ptr<io::background> background_;    // shared where it is the reactor of an execution context
    std::shared_ptr<detail::listener_state> state_; // shared with its work in the background and with calls
};

} // namespace wharf
