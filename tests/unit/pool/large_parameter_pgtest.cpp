// What a large value costs on its way to the server: the caller's own, and one copy of it.
#include "support/postgres_server.hpp"
#include "wharf/pool/pool.hpp"

#include <gtest/gtest.h>

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <vector>

namespace {

std::atomic<std::size_t> in_use{0};
std::atomic<std::size_t> most_in_use{0};

} // namespace

void* operator new(std::size_t size) {
    void* const memory = std::malloc(size);
    if (memory == nullptr) throw std::bad_alloc();
    const std::size_t now = in_use += ::malloc_usable_size(memory);
    for (std::size_t most = most_in_use; most < now && !most_in_use.compare_exchange_weak(most, now);) {
    }
    return memory;
}
void operator delete(void* memory) noexcept {
    in_use -= ::malloc_usable_size(memory);
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    ::operator delete(memory);
}

namespace {

constexpr std::size_t size = 60'000'000;

class large_parameter : public testing::Test {
protected:
    large_parameter() {
        database.execute("CREATE TABLE t(text text, bytes bytea, document json)");
        database.execute("CREATE TABLE lines(text text)");
    }

    /// How much is in use at most while it runs, in sizes of the value.
    [[nodiscard]] static double times_of_the_value(const std::function<void()>& run) {
        const std::size_t before = in_use;
        most_in_use = before;
        run();
        return static_cast<double>(most_in_use - before) / static_cast<double>(size);
    }

    wharf::test::database database;
    wharf::pool pool{database.url(), {.min_size = 1, .max_size = 1}};
};

TEST_F(large_parameter, text_and_bytes__are_copied_once) {
    auto conn = pool.acquire();
    conn.execute("INSERT INTO t(text) VALUES ($1)", std::string("warm"));
    const std::string text(size, 'x');
    EXPECT_LT(times_of_the_value([&] { conn.execute("INSERT INTO t(text) VALUES ($1)", text); }), 1.1);
    const std::vector<std::byte> bytes(size, std::byte{7});
    EXPECT_LT(times_of_the_value([&] { conn.execute("INSERT INTO t(bytes) VALUES ($1)", bytes); }), 1.1);
    EXPECT_EQ(database.value("SELECT max(length(text)) || ' ' || max(length(bytes)) FROM t"), "60000000 60000000");
}

TEST_F(large_parameter, text_for_another_type__is_copied_twice_at_most) {
    auto conn = pool.acquire();
    const std::string text = '"' + std::string(size - 2, 'x') + '"';
    EXPECT_LT(times_of_the_value([&] { conn.execute("INSERT INTO t(document) VALUES ($1)", text); }), 2.1);
    EXPECT_EQ(database.value("SELECT max(length(document::text)) FROM t"), "60000000");
}

TEST_F(large_parameter, rows_of_many__are_sent_in_batches_of_bounded_size) {
    auto conn = pool.acquire();
    const std::vector<std::string> rows(15, std::string(size / 15, 'x'));
    EXPECT_LT(times_of_the_value([&] { conn.insert_many("t", {"text"}, rows); }), 2.1);
    EXPECT_LT(times_of_the_value([&] { conn.copy_in("lines", rows); }), 1.1);
}

} // namespace
