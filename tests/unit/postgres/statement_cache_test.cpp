#include "postgres/statement_cache.hpp"

#include <gmock/gmock.h>

namespace wharf::postgres {
namespace {

using progress = prepared_statement::progress;

prepared_statement& ready(statement_cache& cache, std::string_view sql) {
    prepared_statement& statement = cache.get(sql);
    statement.state = progress::ready;
    return statement;
}

statement_cache_limits of_size(std::size_t size) {
    statement_cache_limits limits;
    limits.size = size;
    return limits;
}

TEST(statement_cache, same_text_is_the_same_statement) {
    statement_cache cache(of_size(10));
    prepared_statement& first = cache.get("SELECT 1");
    (void)cache.get("SELECT 2");
    EXPECT_EQ(&cache.get("SELECT 1"), &first);
    EXPECT_EQ(cache.size(), 2U);
    EXPECT_NE(cache.get("SELECT 2").name, first.name);
}

TEST(statement_cache, least_recently_used_is_closed_first) {
    statement_cache cache(of_size(2));
    const std::string one = ready(cache, "1").name;
    const std::string two = ready(cache, "2").name;
    (void)cache.get("1");
    ready(cache, "3");
    EXPECT_EQ(cache.size(), 3U) << "nothing goes while a batch may use it";
    cache.trim();
    EXPECT_THAT(cache.take_closing(), testing::ElementsAre(two));
    EXPECT_EQ(cache.get("1").name, one);
    EXPECT_FALSE(cache.has_closing());
}

TEST(statement_cache, limit_of_zero_keeps_nothing) {
    statement_cache cache(of_size(0));
    const std::string name = ready(cache, "1").name;
    cache.trim();
    EXPECT_EQ(cache.size(), 0U);
    EXPECT_THAT(cache.take_closing(), testing::ElementsAre(name));
}

TEST(statement_cache, forgotten_statement_is_made_anew_and_not_closed) {
    statement_cache cache(of_size(10));
    prepared_statement& old = ready(cache, "1");
    const std::string old_name = old.name;
    old.state = progress::refused;
    cache.forget(old);
    cache.forget(old);
    EXPECT_NE(cache.get("1").name, old_name);
    EXPECT_EQ(old.sql, "1") << "alive until trim()";
    cache.trim();
    EXPECT_FALSE(cache.has_closing());
    EXPECT_EQ(cache.size(), 1U);
}

TEST(statement_cache, all_are_forgotten_when_the_server_has_dropped_them) {
    statement_cache cache(of_size(10));
    ready(cache, "1");
    ready(cache, "2");
    cache.forget_all();
    EXPECT_EQ(cache.size(), 0U);
    cache.trim();
    EXPECT_FALSE(cache.has_closing());
}

TEST(statement_cache, statement_beyond_its_age_is_made_anew_and_the_old_one_closed) {
    using std::chrono::seconds;
    statement_cache_limits limits;
    limits.max_age = seconds(10);
    statement_cache cache(limits);
    const time_point start{};
    cache.set_time(start);
    const std::string old = ready(cache, "1").name;
    ready(cache, "2");
    cache.set_time(start + seconds(9));
    EXPECT_EQ(cache.get("1").name, old);
    cache.set_time(start + seconds(10));
    const std::string fresh = ready(cache, "1").name;
    EXPECT_NE(fresh, old);
    cache.set_time(start + seconds(19));
    EXPECT_EQ(cache.get("1").name, fresh);
    cache.trim();
    EXPECT_THAT(cache.take_closing(), testing::ElementsAre(old));
    EXPECT_EQ(cache.size(), 2U);
}

TEST(statement_cache, long_text_is_not_kept) {
    statement_cache_limits limits;
    limits.max_length = 5;
    statement_cache cache(limits);
    const std::string kept = ready(cache, "12345").name;
    prepared_statement& text = ready(cache, "123456");
    EXPECT_EQ(&cache.get("123456"), &text) << "while a batch uses it";
    const std::string name = text.name;
    cache.trim();
    EXPECT_THAT(cache.take_closing(), testing::ElementsAre(name));
    EXPECT_EQ(cache.get("12345").name, kept);
    EXPECT_EQ(cache.size(), 1U);
}

TEST(statement_cache, without_names_nothing_is_closed) {
    statement_cache_limits limits;
    limits.named = false;
    limits.size = 1;
    statement_cache cache(limits);
    EXPECT_EQ(ready(cache, "1").name, "");
    ready(cache, "2");
    cache.trim();
    EXPECT_FALSE(cache.has_closing());
    EXPECT_EQ(cache.size(), 1U);
}

} // namespace
} // namespace wharf::postgres
