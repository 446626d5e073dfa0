// A session whose engine is never connected: its changes are planned and told, and nothing is sent.
#pragma once

#include "orm/apply.hpp"
#include "orm/changes.hpp"
#include "orm/dependencies.hpp"
#include "wharf/orm/session.hpp"

#include <cstdint>
#include <initializer_list>

namespace wharf::orm::test {

class session_without_database {
public:
    [[nodiscard]] wharf::session& session() noexcept { return session_; }
    [[nodiscard]] session_parts& parts() noexcept { return session_.core().parts(); }
    [[nodiscard]] object_state* find(const class_descriptor& type, std::int64_t key) {
        return parts().map.find(type, key_value(key));
    }

    /// As a flush finds it.
    [[nodiscard]] flush_plan plan() {
        parts().added.sort();
        return find_changes({parts().added.items(), parts().watched, parts().removed.items()});
    }
    /// As if the database had written it, and generated these keys for what has none.
    void tell(flush_plan& plan, std::initializer_list<std::int64_t> generated = {}) {
        order(plan, generated);
        plan_applier(parts(), plan).tell(~std::size_t{0});
    }
    void order(flush_plan& plan, std::initializer_list<std::int64_t> generated = {}) {
        make_steps(plan, settle_order(plan));
        const auto* next = generated.begin();
        for (auto& insert : plan.inserts)
            if (!insert.key.is_set()) insert.key = key_value(*next++);
    }
    void flush(std::initializer_list<std::int64_t> generated = {}) {
        auto changes = plan();
        tell(changes, generated);
    }
    void commit(std::initializer_list<std::int64_t> generated = {}) {
        flush(generated);
        parts().tx.end();
    }

private:
    wharf::engine engine_{"sqlite:///nowhere/never_opened.db", {.min_size = 0}};
    wharf::session session_{engine_};
};

} // namespace wharf::orm::test
