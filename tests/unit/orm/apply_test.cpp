// What objects are told of a flush, and what a rollback makes of it, without a database.
#include "unit/orm/session_without_database.hpp"
#include "wharf/row/codecs.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace apply_tests {

struct Book;
struct Shelf {
    std::int64_t id{};
    std::string name{};
    std::int32_t version{};
    wharf::has_many<Book> books{};
};
struct Book {
    std::int64_t id{};
    wharf::belongs_to<std::optional<Shelf>> shelf{};
    std::string title{};
};

constexpr auto wharf_mapping(wharf::type<Shelf>) {
    return wharf::table<Shelf>("shelves", wharf::primary_key<&Shelf::id>().generated(), wharf::column<&Shelf::name>(),
                               wharf::column<&Shelf::version>().version(), wharf::relation<&Shelf::books>());
}
constexpr auto wharf_mapping(wharf::type<Book>) {
    return wharf::table<Book>("books", wharf::primary_key<&Book::id>().generated(), wharf::relation<&Book::shelf>(),
                              wharf::column<&Book::title>());
}

using namespace wharf::orm;

class apply : public testing::Test, protected wharf::orm::test::session_without_database {
protected:
    object_state* shelf_at(std::int64_t key) { return find(wharf::describe<Shelf>(), key); }
    static object_status status_of(const entity_base& object) { return object.state()->status; }
};

TEST_F(apply, inserted_objects_get_their_keys_and_are_persistent_until_a_rollback) {
    auto shelf = session().add(Shelf{.name = "s"});
    auto book = session().add(Book{.shelf = shelf, .title = "t"});
    flush({7, 8});
    EXPECT_EQ(shelf.read()->id, 7);
    EXPECT_EQ(book.read()->id, 8);
    EXPECT_EQ(book.read()->shelf.key(), 7);
    EXPECT_EQ(shelf_at(7), shelf.state());
    EXPECT_FALSE(session().is_modified());
    session().rollback();
    EXPECT_EQ(shelf.read()->id, 0);
    EXPECT_EQ(status_of(shelf), object_status::transient);
    EXPECT_EQ(shelf_at(7), nullptr);
}

TEST_F(apply, changed_object_is_clean_and_its_version_raised_until_a_rollback) {
    auto shelf = session().add(Shelf{.name = "old"});
    commit({7});
    shelf->name = "new";
    flush();
    EXPECT_FALSE(session().is_modified());
    EXPECT_EQ(shelf.read()->version, 1);
    shelf->name = "newer";
    flush();
    EXPECT_EQ(shelf.read()->version, 2);
    session().rollback();
    EXPECT_EQ(shelf.read()->name, "old");
    EXPECT_EQ(shelf.read()->version, 0);
    EXPECT_FALSE(session().is_modified());
}

TEST_F(apply, removed_object_leaves_the_map_until_a_rollback) {
    auto shelf = session().add(Shelf{.name = "s"});
    commit({7});
    session().remove(shelf);
    flush();
    EXPECT_EQ(status_of(shelf), object_status::deleted);
    EXPECT_EQ(shelf_at(7), nullptr);
    session().rollback();
    EXPECT_EQ(status_of(shelf), object_status::persistent);
    EXPECT_EQ(shelf_at(7), shelf.state());
}

TEST_F(apply, object_that_takes_a_row_over_is_found_in_place_of_the_other_until_a_rollback) {
    auto old = session().add(Shelf{.name = "old"});
    commit({7});
    session().remove(old);
    auto fresh = session().add(Shelf{.id = 7, .name = "fresh"});
    flush();
    EXPECT_EQ(shelf_at(7), fresh.state());
    EXPECT_EQ(fresh.read()->version, 1);
    EXPECT_EQ(status_of(old), object_status::deleted);
    session().rollback();
    EXPECT_EQ(shelf_at(7), old.state());
    EXPECT_EQ(status_of(fresh), object_status::transient);
}

TEST_F(apply, object_whose_key_changed_is_found_under_the_new_one_until_a_rollback) {
    auto shelf = session().add(Shelf{.name = "s"});
    auto other = session().add(Shelf{.name = "o"});
    commit({7, 8});
    shelf->id = 9;
    other->id = 7;
    flush();
    EXPECT_EQ(shelf_at(9), shelf.state());
    EXPECT_EQ(shelf_at(7), other.state());
    EXPECT_EQ(shelf_at(8), nullptr);
    session().rollback();
    EXPECT_EQ(shelf_at(7), shelf.state());
    EXPECT_EQ(shelf_at(8), other.state());
}

TEST_F(apply, both_sides_of_a_relation_are_put_back_by_a_rollback) {
    auto shelf = session().add(Shelf{.name = "s"});
    auto book = session().add(Book{.title = "t"});
    commit({7, 8});
    book->shelf = shelf;
    flush();
    EXPECT_EQ(book.read()->shelf.key(), 7);
    EXPECT_EQ(shelf.read()->books.size(), 1U);
    session().rollback();
    EXPECT_FALSE(book.read()->shelf.has_value());
    EXPECT_EQ(shelf.state()->status, object_status::persistent);
}

TEST_F(apply, that_is_left_half_way_can_be_undone) {
    for (int rows = 0; rows < 12; ++rows) {
        session_without_database in;
        auto removed = in.session().add(Shelf{.name = "r"});
        auto changed = in.session().add(Shelf{.name = "c"});
        in.commit({1, 2});
        in.session().remove(removed);
        changed->name = "changed";
        if (rows % 2 == 0) changed->id = 5;
        auto added = in.session().add(Shelf{.name = "a"});
        auto changes = in.plan();
        in.order(changes, {3});
        {
            plan_applier half(in.parts(), changes);
            for (int i = 0; i < rows; ++i)
                half.tell(1);
        }
        in.session().rollback();
        EXPECT_EQ(changed.read()->name, "c") << rows;
        EXPECT_EQ(status_of(removed), object_status::persistent) << rows;
        EXPECT_EQ(status_of(added), object_status::transient) << rows;
        EXPECT_EQ(added.read()->id, 0) << rows;
        EXPECT_EQ(in.find(wharf::describe<Shelf>(), 2), changed.state()) << rows;
        EXPECT_FALSE(in.session().is_modified()) << rows;
    }
}

} // namespace apply_tests
