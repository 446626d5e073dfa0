#include "wharf/orm/session.hpp"

#include "wharf/io/waits.hpp"
#include "wharf/orm/retry.hpp"

#include <algorithm>
#include <random>
#include <thread>

namespace wharf::orm {

io::op<entity_base> get_or_none(session_core& session, const class_descriptor& type, key_value key,
                                get_options options) {
    return session.get(type, std::move(key), options);
}

io::op<entity_base> get_one(session_core& session, const class_descriptor& type, key_value key, get_options options) {
    auto found = co_await session.get(type, key, options);
    if (!found) {
        throw no_result("table " + std::string(type.table) + " has no row with the key " + describe_key(type, key));
    }
    co_return std::move(found);
}

io::op<affected> execute_sql(session_core& session, std::string sql, parameters values) {
    const auto rows = co_await session.execute(std::move(sql), std::move(values));
    affected counted;
    counted.rows = rows.affected();
    co_return counted;
}

duration backoff(const retry_options& options, int tried) {
    constexpr duration longest = std::chrono::seconds(1);
    auto span = std::min<duration>(options.first_delay, longest);
    for (int i = 1; i < tried && span < longest; ++i)
        span = std::min(span * 2, longest);
    thread_local std::minstd_rand random(std::random_device{}());
    return duration(std::uniform_int_distribution<duration::rep>(span.count() / 2, span.count())(random));
}

void sleep_for(duration span) {
    std::this_thread::sleep_for(span);
}

io::op<void> sleep(duration span) {
    co_await io::sleep_until(deadline_after(clock::now(), span));
}

} // namespace wharf::orm
