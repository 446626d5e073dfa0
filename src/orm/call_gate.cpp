#include "orm/call_gate.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/orm/errors.hpp"

namespace wharf::orm {

call_gate::state call_gate::enter(bool between_reads) {
    auto before = state::free;
    if (state_.compare_exchange_strong(before, state::inside)) return before;
    if (between_reads && before == state::streaming && state_.compare_exchange_strong(before, state::inside)) {
        return before;
    }
    if (before == state::ended)
        throw usage_error("this session has ended; what was made by it cannot be used any more");
    throw concurrent_use("this session is inside another call, of another thread or coroutine, or has a "
                         "stream of rows open; a session serves one unit of work at a time");
}

bool call_gate::try_enter(state& before) noexcept {
    before = state::free;
    if (state_.compare_exchange_strong(before, state::inside)) return true;
    return before == state::streaming && state_.compare_exchange_strong(before, state::inside);
}

void call_gate::ask(wish what) noexcept {
    auto asked = wish_.load();
    while (asked < what && !wish_.compare_exchange_weak(asked, what)) {
    }
}

} // namespace wharf::orm
