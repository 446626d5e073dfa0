// Rows that are changed together are locked in the order of their keys, however they lie in the table.
#include "unit/orm/models.hpp"

#include "wharf/base/database_error.hpp"

#include <thread>

namespace {

using namespace models;

struct Item {
    std::int64_t id{};
    std::string name{};
};
constexpr auto wharf_mapping(wharf::type<Item>) {
    return wharf::table<Item>("items", wharf::primary_key<&Item::id>(), wharf::columns<&Item::name>());
}

class lock_order : public session_test<wharf::test::on_postgres> {
protected:
    lock_order() {
        wharf::session session(engine_);
        session.execute("CREATE TABLE items (id bigint PRIMARY KEY, name text NOT NULL)");
        session.execute("INSERT INTO items SELECT n, 'n' FROM generate_series(500, 1, -1) AS n");
        session.commit();
    }
    /// Begins `write` on another thread while the row with the highest key is locked, and looks which of the others are
    /// locked once it waits.
    template <class Write>
    std::int64_t locked_while_waiting(Write write) {
        wharf::session holder(engine_);
        holder.execute("SELECT 1 FROM items WHERE id = 500 FOR UPDATE");
        std::thread writer([&] {
            wharf::session session(engine_);
            auto items = session.select<Item>().all();
            write(session, items);
            session.commit();
        });
        wharf::session looking(engine_);
        const auto waits = [&] {
            const auto waiting =
                looking
                    .query_sql<std::int64_t>("SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE "
                                             "datname = current_database() AND wait_event_type = 'Lock'")
                    .one();
            looking.rollback();
            return waiting > 0;
        };
        while (!waits())
            std::this_thread::yield();
        const auto free = looking
                              .query_sql<std::int64_t>("SELECT count(*) FROM (SELECT id FROM items FOR NO KEY UPDATE "
                                                       "SKIP LOCKED) AS those")
                              .one();
        looking.rollback();
        holder.rollback();
        writer.join();
        return 500 - free;
    }
};

TEST_F(lock_order, updates_lock_by_key_first) {
    const auto locked = locked_while_waiting([](wharf::session&, std::vector<wharf::entity<Item>>& items) {
        for (auto& item : items)
            item->name = "changed";
    });
    EXPECT_EQ(locked, 500);
    EXPECT_EQ(count("items WHERE name = 'changed'"), 500);
}

TEST_F(lock_order, deletes_lock_by_key_first) {
    const auto locked = locked_while_waiting([](wharf::session& session, std::vector<wharf::entity<Item>>& items) {
        for (auto& item : items)
            session.remove(item);
    });
    EXPECT_EQ(locked, 500);
    EXPECT_EQ(count("items"), 0);
}

} // namespace
