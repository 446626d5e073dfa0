#include "wharf/orm/engine.hpp"

namespace wharf::orm {

pool_options pool_options_of(const engine_options& options) {
    pool_options made;
    made.max_size = options.pool_size;
    made.max_overflow = options.max_overflow;
    made.acquire_timeout = options.acquire_timeout;
    made.min_size = options.min_size;
    made.connect_timeout = options.connect_timeout;
    made.idle_timeout = options.idle_timeout;
    made.max_lifetime = options.max_lifetime;
    made.cancellation = options.cancellation;
    made.observer = options.observer;
    return made;
}

} // namespace wharf::orm
