#include "orm/keys_ahead.hpp"

#include "orm/refused_statement.hpp"
#include "sql/insert.hpp"
#include "wharf/orm/errors.hpp"

#include <algorithm>
#include <list>
#include <unordered_set>

namespace wharf::orm {
namespace {

bool is_integer(type_oid type) noexcept {
    return type == type_oid::int2 || type == type_oid::int4 || type == type_oid::int8;
}

/// Keys from a sequence, one statement for each class, while what follows is prepared.
struct key_request {
    const class_descriptor* type;
    std::vector<std::size_t> rows{};
    std::string text{};
    parameters values{};
    result keys{};
};

std::list<key_request> key_requests(const flush_plan& plan) {
    std::list<key_request> requests;
    for (std::size_t i = 0; i < plan.inserts.size(); ++i) {
        const auto& insert = plan.inserts[i];
        if (!insert.ahead || insert.key.is_set()) continue;
        auto found = std::ranges::find(requests, insert.type, &key_request::type);
        if (found == requests.end()) found = requests.insert(requests.end(), key_request{insert.type});
        found->rows.push_back(i);
    }
    for (auto& request : requests) {
        request.text = sql::next_keys(request.type->table, request.type->columns[0].name);
        request.values.add(type_oid::int4,
                           [&](std::string& out) { append(out, static_cast<std::int32_t>(request.rows.size())); });
    }
    return requests;
}

/// Whether there is a sequence.
bool take_keys(flush_plan& plan, key_request& request) {
    if (request.keys.size() != request.rows.size()) {
        throw flush_failed("the sequence of table " + std::string(request.type->table) + " gave " +
                           std::to_string(request.keys.size()) + " keys instead of " +
                           std::to_string(request.rows.size()));
    }
    for (std::size_t i = 0; i < request.rows.size(); ++i) {
        auto row = request.keys[i];
        auto key = key_of_cell(row.next());
        if (!key.is_set()) return false;
        plan.inserts[request.rows[i]].key = std::move(key);
    }
    return true;
}

} // namespace

void choose_keys_ahead(flush_plan& plan, const std::function<bool(const class_descriptor&)>& may_have_sequence) {
    std::unordered_set<const class_descriptor*> needed;
    for (const auto& insert : plan.inserts) {
        const auto& type = *insert.type;
        const bool from_sequence = type.key_size == 1 && type.columns[0].generated && is_integer(type.columns[0].wire);
        if (from_sequence && insert.wanted && !insert.key.is_set()) needed.insert(&type);
    }
    std::erase_if(needed, [&](const class_descriptor* type) { return !may_have_sequence(*type); });
    if (needed.empty()) return;
    for (auto& insert : plan.inserts) {
        if (insert.given.test(0) || insert.switched || !needed.contains(insert.type)) continue;
        insert.ahead = true;
        insert.given.set(0);
    }
}

void leave_keys_to_database(flush_plan& plan, const class_descriptor& type) {
    for (auto& insert : plan.inserts) {
        if (insert.type != &type || !insert.ahead) continue;
        insert.ahead = false;
        insert.given.reset(0);
    }
    // Steps in which some rows have keys of their own are split where that changes.
    std::vector<flush_step> steps;
    for (auto& step : plan.steps) {
        if (step.what != flush_step::verb::insert || step.type != &type) {
            steps.push_back(std::move(step));
            continue;
        }
        bool first = true;
        for (const auto row : step.rows) {
            const auto& given = plan.inserts[row].given;
            if (first || steps.back().columns != given) steps.push_back({step.what, step.type, given, {}, {}, true});
            first = false;
            steps.back().rows.push_back(row);
        }
    }
    plan.steps = std::move(steps);
}

io::op<bool> fetch_keys(session_parts& parts, flush_plan& plan, const std::vector<step_statement>& statements) {
    auto requests = key_requests(plan);
    if (requests.empty()) co_return false;
    std::vector<batch_item> items;
    for (auto& request : requests) {
        auto& item = items.emplace_back();
        item.sql = request.text;
        item.values = &request.values;
        item.rows = &request.keys;
    }
    for (const auto& statement : statements) {
        auto& item = items.emplace_back();
        item.sql = statement.text;
        item.prepare_only = true;
    }
    co_await parts.run(items);
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!items[i].error || items[i].skipped) continue;
        if (i < requests.size()) std::rethrow_exception(items[i].error);
        std::rethrow_exception(explain_refusal(plan.steps[i - requests.size()].type->table, items[i].error));
    }
    bool steps_changed = false;
    for (auto& request : requests) {
        if (take_keys(plan, request)) continue;
        parts.engine->has_no_sequence(*request.type);
        leave_keys_to_database(plan, *request.type);
        steps_changed = true;
    }
    for (auto& insert : plan.inserts)
        if (!insert.key.is_set()) insert.key = composed_key(plan, insert);
    co_return steps_changed;
}

} // namespace wharf::orm
