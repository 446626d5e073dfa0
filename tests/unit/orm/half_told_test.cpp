// Memory that runs out at any point of a flush: before its end nothing is written, and behind it the error says so.
#include "wharf/orm/errors.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/row/codecs.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <new>
#include <string>

namespace half_told {

/// A key whose reading fails once, after so many times.
struct fragile {
    std::int64_t value{};
    static inline int reads_left{-1};

    friend bool operator==(const fragile&, const fragile&) noexcept = default;
};

} // namespace half_told

template <>
struct wharf::codec<half_told::fragile> {
    static constexpr type_oid type = type_oid::int8;
    static constexpr bool exact = true;
    static void encode(const half_told::fragile& value, std::string& out) {
        codec<std::int64_t>::encode(value.value, out);
    }
    static void decode(const cell_view& cell, half_told::fragile& out) {
        if (half_told::fragile::reads_left >= 0 && half_told::fragile::reads_left-- == 0) throw std::bad_alloc();
        codec<std::int64_t>::decode(cell, out.value);
    }
};

namespace half_told {

struct thing {
    fragile id{};
    std::string name{};
};
constexpr auto wharf_mapping(wharf::type<thing>) {
    return wharf::table<thing>("things", wharf::primary_key<&thing::id>().generated(), wharf::column<&thing::name>());
}

class flush_without_memory : public testing::Test {
protected:
    flush_without_memory() {
        session_.execute("CREATE TABLE things (id INTEGER PRIMARY KEY AUTOINCREMENT, name text)");
        auto kept = session_.add(thing{.name = "kept"});
        session_.commit();
        session_.close();
    }
    std::int64_t count() { return session_.query_sql<std::int64_t>("SELECT count(*) FROM things").one(); }

    wharf::engine engine_{"sqlite://", {.pool_size = 1}};
    wharf::session session_{engine_};
};

TEST_F(flush_without_memory, commit_has_written_nothing_or_says_that_it_has) {
    int told_late = 0;
    for (int reads = 0;; ++reads) {
        const auto before = count();
        auto kept = session_.get_one<thing>(fragile{1});
        kept->name += ".";
        auto one = session_.add(thing{.name = "one"});
        auto two = session_.add(thing{.name = "two"});
        fragile::reads_left = reads;
        bool committed = false;
        bool failed = true;
        try {
            session_.commit();
            committed = true;
            failed = false;
        } catch (const wharf::committed_unread&) {
            committed = true;
            ++told_late;
        } catch (const std::bad_alloc&) {
            committed = false;
        }
        fragile::reads_left = -1;
        if (failed) {
            EXPECT_THROW(session_.flush(), wharf::transaction_failed) << reads;
            session_.rollback();
            EXPECT_FALSE(session_.is_modified()) << reads;
            EXPECT_EQ(session_.contains(kept), !committed) << reads;
            EXPECT_FALSE(session_.contains(one) || session_.contains(two)) << reads;
        }
        EXPECT_EQ(count(), before + (committed ? 2 : 0)) << reads;
        session_.commit();
        if (!failed) break;
        session_.close();
    }
    EXPECT_GT(told_late, 0);
}

TEST_F(flush_without_memory, flush_is_undone) {
    for (int reads = 0;; ++reads) {
        auto one = session_.add(thing{.name = "one"});
        auto two = session_.add(thing{.name = "two"});
        fragile::reads_left = reads;
        bool failed = true;
        try {
            session_.flush();
            failed = false;
        } catch (const std::exception&) { // whichever it is
        }
        fragile::reads_left = -1;
        session_.rollback();
        EXPECT_EQ(one.state()->status, wharf::orm::object_status::transient) << reads;
        EXPECT_EQ(one.read()->id, fragile{}) << reads;
        EXPECT_EQ(two.read()->id, fragile{}) << reads;
        EXPECT_EQ(count(), 1) << reads;
        session_.commit();
        if (!failed) break;
    }
}

} // namespace half_told
