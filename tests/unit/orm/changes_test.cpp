// What a flush finds changed, of objects that no session and no database has seen.
#include "orm/flush_plan.hpp"
#include "wharf/orm/describe.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/row/codecs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace changes_tests {

struct Shelf {
    std::int64_t id{};
    std::string name{};
    std::int32_t version{};
};
struct Book {
    std::int64_t id{};
    std::optional<std::int64_t> shelf_id{};
    wharf::belongs_to<std::optional<Shelf>> shelf{};
    std::string title{};
};
struct Copy {
    std::int64_t book_id{};
    std::int32_t number{};
    wharf::belongs_to<Book> book{};
    wharf::belongs_to<Shelf> place{};
};

constexpr auto wharf_mapping(wharf::type<Shelf>) {
    return wharf::table<Shelf>("shelves", wharf::primary_key<&Shelf::id>().generated(), wharf::column<&Shelf::name>(),
                               wharf::column<&Shelf::version>().version());
}
constexpr auto wharf_mapping(wharf::type<Book>) {
    return wharf::table<Book>("books", wharf::primary_key<&Book::id>().generated(), wharf::column<&Book::shelf_id>(),
                              wharf::relation<&Book::shelf>().column<&Book::shelf_id>(), wharf::column<&Book::title>());
}
constexpr auto wharf_mapping(wharf::type<Copy>) {
    return wharf::table<Copy>("copies", wharf::primary_key<&Copy::book_id, &Copy::number>(),
                              wharf::relation<&Copy::book>().key<&Copy::book_id>(), wharf::relation<&Copy::place>());
}

using namespace wharf::orm;
using testing::HasSubstr;

/// The lists that a session would have.
class changes : public testing::Test {
protected:
    template <class T>
    wharf::entity<T> add(T value) {
        wharf::entity<T> made(std::move(value));
        made.state()->status = object_status::pending;
        added.push_back(made);
        return made;
    }
    /// An object that was read and may have been changed since.
    template <class T>
    wharf::entity<T> read(T value) {
        wharf::entity<T> made(std::move(value));
        auto& object = *made.state();
        object.status = object_status::persistent;
        object.key = key_held(object);
        for (std::size_t i = 0; i < object.type->relations.size(); ++i) { // as reading a row does
            const auto& relation = object.type->relations[i];
            if (has_member(*object.type, relation)) reference_at(object, i).set({}, key_in_members(object, relation));
        }
        object.watch = std::make_unique<watch_record>();
        object.watch->baseline = encode_object(object);
        watched.push_back(&object);
        kept.push_back(made);
        return made;
    }
    template <class T>
    void remove(wharf::entity<T>& entity) {
        entity.state()->removal = true;
        removed.push_back(entity);
    }
    flush_plan find() { return find_changes({added, watched, removed}); }

    /// Of the only update: the names of its columns.
    static std::vector<std::string> columns(const flush_plan& plan) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < plan.updates.at(0).type->columns.size(); ++i)
            if (plan.updates[0].changed.test(i)) names.emplace_back(plan.updates[0].type->columns[i].name);
        return names;
    }
    std::string refusal() {
        try {
            static_cast<void>(find());
        } catch (const wharf::usage_error& refused) {
            return refused.what();
        }
        return "not refused";
    }

    std::vector<entity_base> added{};
    std::vector<object_state*> watched{};
    std::vector<entity_base> removed{};
    std::vector<entity_base> kept{};
};

TEST_F(changes, equal_objects_are_none) {
    read(Book{.id = 1, .shelf_id = 2, .title = "t"});
    EXPECT_TRUE(find().empty());
}

TEST_F(changes, only_columns_that_differ_are_updated) {
    auto book = read(Book{.id = 1, .title = "t"});
    book->title = "u";
    const auto plan = find();
    EXPECT_EQ(columns(plan), std::vector<std::string>{"title"});
    EXPECT_EQ(plan.updates[0].before, book.state()->watch->baseline);
    EXPECT_EQ(plan.updates[0].key, key_value(std::int64_t{1}));
}

TEST_F(changes, cleared_relation_clears_the_member_and_cleared_member_the_relation) {
    auto book = read(Book{.id = 1, .shelf_id = 2, .title = "t"});
    book->shelf = nullptr;
    EXPECT_EQ(columns(find()), std::vector<std::string>{"shelf_id"});
    book->shelf.set({}, key_value(std::int64_t{2}));
    book->shelf_id = std::nullopt;
    EXPECT_EQ(columns(find()), std::vector<std::string>{"shelf_id"});
}

TEST_F(changes, relation_and_member_changed_to_different_rows_are_refused) {
    auto book = read(Book{.id = 1, .shelf_id = 2, .title = "t"});
    book->shelf_id = 3;
    book->shelf.set_key(4);
    EXPECT_THAT(refusal(), HasSubstr("books.shelf"));
}

TEST_F(changes, lost_reference_that_may_not_be_null_is_refused_by_name) {
    auto copy = read(Copy{.book_id = 1, .number = 2});
    copy->place.set({}, key_value(std::int64_t{5}));
    copy.state()->watch->baseline = encode_object(*copy.state());
    EXPECT_TRUE(find().empty());
    copy->place.set({}, {});
    EXPECT_THAT(refusal(), HasSubstr("place_id"));
    copy->place.set({}, key_value(std::int64_t{5}));
    copy->book.set({}, {});
    EXPECT_THAT(refusal(), HasSubstr("book_id"));
    EXPECT_TRUE(is_changed(*copy.state()));
    remove(copy);
    EXPECT_EQ(find().deletes.size(), 1U);
}

TEST_F(changes, zero_is_unset_on_a_pending_object_only) {
    auto fresh = add(Book{.title = "new"});
    auto stored = read(Book{.id = 0, .title = "stored"});
    stored->title = "changed";
    const auto plan = find();
    EXPECT_FALSE(plan.inserts[0].key.is_set());
    EXPECT_FALSE(plan.inserts[0].given.test(0));
    EXPECT_EQ(plan.updates[0].key, key_value(std::int64_t{0}));
}

TEST_F(changes, reference_to_an_object_without_a_key_waits_for_it_whatever_the_order) {
    wharf::entity<Shelf> shelf = Shelf{.name = "s"};
    add(Book{.shelf = shelf, .title = "t"});
    shelf.state()->status = object_status::pending;
    added.push_back(shelf);
    const auto plan = find();
    ASSERT_EQ(plan.inserts[0].deferred.size(), 1U);
    EXPECT_EQ(plan.inserts[0].deferred[0].target, 1U);
    EXPECT_TRUE(plan.inserts[1].wanted);
}

TEST_F(changes, removed_and_added_row_of_one_key_is_an_update_of_what_differs) {
    auto old = read(Book{.id = 1, .shelf_id = 2, .title = "old"});
    remove(old);
    auto fresh = add(Book{.id = 1, .shelf_id = 2, .title = "new"});
    const auto plan = find();
    EXPECT_TRUE(plan.deletes.empty());
    EXPECT_TRUE(plan.inserts[0].switched);
    EXPECT_EQ(columns(plan), std::vector<std::string>{"title"});
    EXPECT_EQ(plan.updates[0].replaces, old.state());
}

TEST_F(changes, generated_key_that_was_reset_is_refused) {
    auto book = read(Book{.id = 7, .title = "t"});
    book->id = 0;
    EXPECT_THAT(refusal(), HasSubstr("books.id"));
}

} // namespace changes_tests
