// Keys that are made of other rows' keys.
#include "orm/flush_plan.hpp"

#include <algorithm>

namespace wharf::orm {
namespace {

/// An insert whose key is a part of this one's, and that nobody has looked at; `none` when there is no such.
std::size_t next_unseen(const planned_insert& insert, const std::vector<bool>& seen) {
    for (const auto& late : insert.deferred)
        if (late.column < insert.type->key_size && !seen[late.target]) return late.target;
    return planned_update::no_insert;
}

} // namespace

void compose_keys(flush_plan& plan) {
    std::vector<bool> seen(plan.inserts.size(), false);
    std::vector<std::size_t> open;
    const auto start = [&](std::size_t insert) {
        seen[insert] = true;
        open.push_back(insert);
    };
    for (std::size_t i = 0; i < plan.inserts.size(); ++i) {
        if (!seen[i]) start(i);
        while (!open.empty()) {
            auto& insert = plan.inserts[open.back()];
            const auto first = next_unseen(insert, seen);
            if (first != planned_update::no_insert) {
                start(first);
                continue;
            }
            insert.key = composed_key(plan, insert);
            open.pop_back();
        }
    }
}

key_value composed_key(const flush_plan& plan, const planned_insert& insert) {
    const auto& type = *insert.object->type;
    encoded_columns columns(insert.row);
    key_builder built(type.key_size);
    for (std::size_t i = 0; i < type.key_size; ++i) {
        const auto column = columns.next();
        if (!insert.given.test(i)) return {};
        const auto late = std::find_if(insert.deferred.begin(), insert.deferred.end(),
                                       [i](const deferred_column& deferred) { return deferred.column == i; });
        if (late == insert.deferred.end()) {
            built.add(cell_of(column, type.columns[i].wire));
            continue;
        }
        const auto& target = plan.inserts[late->target];
        if (!target.key.is_set()) return {};
        built.add(
            key_part(target.key, late->part, type.relations[late->relation].columns.size(), type.columns[i].wire));
    }
    return built.finish();
}

} // namespace wharf::orm
