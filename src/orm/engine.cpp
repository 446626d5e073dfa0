#include "wharf/orm/engine.hpp"

#include <tuple>

namespace wharf::orm {

pool_options pool_options_of(const engine_options& options) {
    pool_options made;
    // All of its settings by name: one that is missing here does not compile.
    auto& [min_size, max_size, max_overflow, acquire_timeout, max_waiting, connect_timeout, max_connecting,
           idle_timeout, max_lifetime, lifetime_jitter, max_uses, order, fairness, validate_after_idle, ping_timeout,
           reset, clean_up_timeout, close_timeout, fail_fast, cancellation, observer] = made;
    std::tie(min_size, max_size, max_overflow, acquire_timeout, max_waiting, connect_timeout, max_connecting,
             idle_timeout, max_lifetime, lifetime_jitter, max_uses, order, fairness, validate_after_idle, ping_timeout,
             reset, clean_up_timeout, close_timeout, fail_fast, cancellation, observer) =
        std::tie(options.min_size, options.pool_size, options.max_overflow, options.acquire_timeout,
                 options.max_waiting, options.connect_timeout, options.max_connecting, options.idle_timeout,
                 options.max_lifetime, options.lifetime_jitter, options.max_uses, options.order, options.fairness,
                 options.validate_after_idle, options.ping_timeout, options.reset, options.clean_up_timeout,
                 options.close_timeout, options.fail_fast, options.cancellation, options.observer);
    return made;
}

} // namespace wharf::orm
