// What a vector database refuses because of the collection that is there, and what a session keeps true of a document.
#include "support/backends.hpp"
#include "vector/content_hash.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/vector/vector_database.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace {

using testing::HasSubstr;
using wharf::document;
using wharf::embedding;

embedding numbers(std::size_t count) {
    embedding made(count);
    made[0] = 1;
    return made;
}

template <class Backend>
class collection_on : public testing::Test {
protected:
    collection_on() : engine(database.url(), {.pool_size = 4}), db(engine, {.dimensions = 3}) { db.create_schema(); }

    template <class Error, class Call>
    static void expect(Call call, const std::string& text) {
        try {
            call();
            ADD_FAILURE() << "was accepted";
        } catch (const Error& error) {
            EXPECT_THAT(error.what(), HasSubstr(text));
        }
    }

    Backend database;
    wharf::engine engine;
    wharf::vector_database db;
};
TYPED_TEST_SUITE(collection_on, wharf::test::backends);

TYPED_TEST(collection_on, other_dimensions__are_refused_without_create_schema) {
    wharf::vector_database other(this->engine, {.dimensions = 4});
    const auto four = [&] { other.add_document(document("t"), numbers(4)); };
    this->template expect<wharf::configuration_error>(four, "3 dimensions and metric cosine; this object was made for");
    this->template expect<wharf::configuration_error>([&] { (void)other.search(numbers(4)); }, "4 dimensions");
    EXPECT_EQ(this->db.count(), 0);
}

TYPED_TEST(collection_on, column__refuses_other_dimensions_of_anybody) {
    const auto id = this->db.add_document(document("t"), numbers(3));
    wharf::session session(this->engine);
    session.add(wharf::stored_embedding{.document_id = id, .ordinal = 1, .model = "default", .vector = numbers(4)});
    EXPECT_THROW(session.commit(), wharf::check_violation);
}

TYPED_TEST(collection_on, another_model__says_so_instead_of_finding_nothing) {
    this->db.add_document(document("t"), numbers(3));
    wharf::vector_database other(this->engine, {.dimensions = 3, .model = "other"});
    this->template expect<wharf::configuration_error>([&] { (void)other.search(numbers(3)); },
                                                      "has embeddings of model \"default\"");
    this->template expect<wharf::configuration_error>([&] { other.create_schema(); }, "of model \"other\"");
}

TYPED_TEST(collection_on, collection_that_nobody_created__is_missed_by_name) {
    wharf::vector_database other(this->engine, {.dimensions = 3, .documents = "papers", .embeddings = "parts"});
    this->template expect<wharf::configuration_error>([&] { (void)other.count(); },
                                                      "no collection \"papers\" in this database; create_schema()");
}

TYPED_TEST(collection_on, one_name_for_both_tables__is_refused) {
    this->template expect<wharf::configuration_error>(
        [&] { wharf::vector_database(this->engine, {.dimensions = 3, .documents = "t", .embeddings = "t"}); },
        "both name the table \"t\"");
}

TYPED_TEST(collection_on, text_that_not_every_database_stores__is_refused_alike) {
    const std::string nul("a\0b", 3);
    for (const auto& bad : {nul, std::string("\xff"), std::string("\xc0\x80"), std::string("\xed\xa0\x80"),
                            std::string("\xf4\x90\x80\x80"), std::string("\xc3")}) {
        const auto refused = [&](document added) {
            EXPECT_THROW(this->db.add_document(std::move(added), numbers(3)), wharf::usage_error);
        };
        refused(document(bad));
        refused(document("t", bad));
        refused(document("t").external_id(bad));
        refused(document("t").metadata("k", bad));
        refused(document("t").metadata(bad, 1));
        EXPECT_THROW((void)this->db.search(numbers(3), {}, wharf::metadata_filter("k", bad)), wharf::usage_error);
    }
    EXPECT_EQ(this->db.count(), 0);
    this->db.add_document(document("\xf0\x9f\x98\x80 \xed\x9f\xbf"), numbers(3));
}

TYPED_TEST(collection_on, search__is_exhausted_exactly_when_there_is_nothing_more) {
    for (int i = 0; i < 3; ++i)
        this->db.add_document(document("t"), numbers(3));
    const auto exhausted = [&](std::size_t limit) {
        const auto found = this->db.search(numbers(3), {.limit = limit});
        EXPECT_EQ(found.returned(), std::min<std::size_t>(limit, 3));
        return found.exhausted();
    };
    EXPECT_FALSE(exhausted(2));
    EXPECT_TRUE(exhausted(3));
    EXPECT_TRUE(exhausted(4));
}

TYPED_TEST(collection_on, document_changed_in_a_session__keeps_its_hash_and_time_true) {
    const auto id = this->db.add_document(document("t", "c").metadata("year", 2024).metadata("lang", "en"), numbers(3));
    {
        wharf::session session(this->engine);
        session.execute("UPDATE documents SET updated_at = '2001-02-03 04:05:06'");
        session.commit();
    }
    wharf::session session(this->engine);
    auto stored = session.get_one<wharf::stored_document>(id);
    const auto hash = stored->content_hash;
    const auto before = stored->updated_at;
    EXPECT_EQ(hash, wharf::content_hash(stored->title, stored->content, stored->metadata.text()))
        << "whatever the spelling that comes back";
    stored->title = "other";
    session.commit();
    EXPECT_NE(stored->content_hash, hash);
    EXPECT_GT(stored->updated_at, before);

    wharf::session again(this->engine);
    auto read = again.get_one<wharf::stored_document>(id);
    EXPECT_EQ(read->content_hash, wharf::content_hash("other", "c", R"({"lang": "en", "year": 2024})"));
    EXPECT_EQ(read->updated_at, stored->updated_at);
    const auto changed = read->updated_at;
    read->title = "other"; // equal: nothing is written
    again.commit();
    EXPECT_EQ(read->updated_at, changed);
    read->title = std::string("\0", 1);
    EXPECT_THROW(again.commit(), wharf::usage_error);
}

TYPED_TEST(collection_on, document_added_in_a_session__gets_its_hash_and_times) {
    wharf::session session(this->engine);
    auto added = session.add(wharf::stored_document{.title = "t"});
    session.commit();
    EXPECT_EQ(added->metadata.text(), "{}");
    EXPECT_EQ(added->content_hash, wharf::content_hash("t", "", "{}"));
    EXPECT_GT(added->created_at.time_since_epoch().count(), 0);
    EXPECT_GT(added->updated_at.time_since_epoch().count(), 0);
    for (const auto* const bad : {"[1]", "{", "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}"}) {
        session.add(wharf::stored_document{.title = "t", .metadata = wharf::json(bad)});
        EXPECT_THROW(session.commit(), wharf::usage_error) << bad;
        session.rollback();
    }
}

TYPED_TEST(collection_on, adding_while_the_own_session_has_written__does_not_wait_for_itself) {
    wharf::session session(this->engine);
    session.add(wharf::stored_document{.title = "t", .metadata = wharf::json("{}")});
    session.flush();
    if (TypeParam::is_postgres) {
        this->db.add_document(document("u"), numbers(3));
    } else {
        this->template expect<wharf::usage_error>([&] { this->db.add_document(document("u"), numbers(3)); },
                                                  "another connection of this thread has written");
    }
    session.commit();
    EXPECT_EQ(this->db.count(), TypeParam::is_postgres ? 2 : 1);
}

} // namespace
