// increment(): what it takes from the row that it has written, and what it does not.
#include "unit/orm/models.hpp"

#include "wharf/base/error.hpp"

#include <limits>

namespace {

using namespace models;
using testing::AllOf;
using testing::HasSubstr;

struct Stock {
    std::int64_t id{};
    std::string label{};
    std::int32_t pieces{};
    std::int32_t version{};
};
constexpr auto wharf_mapping(wharf::type<Stock>) {
    return wharf::table<Stock>("stocks", wharf::primary_key<&Stock::id>(),
                               wharf::columns<&Stock::label, &Stock::pieces>(),
                               wharf::column<&Stock::version>().version());
}

template <class Backend>
class increment : public session_test<Backend> {
protected:
    increment() {
        this->run("CREATE TABLE stocks (id bigint PRIMARY KEY, label text NOT NULL, pieces bigint NOT NULL, "
                  "version bigint NOT NULL)");
        this->run("INSERT INTO stocks VALUES (1, 'read', 10, 1)");
    }
    /// By another connection.
    void run(const std::string& sql) {
        wharf::session other(this->engine_);
        other.execute(wharf::raw_sql(sql));
        other.commit();
    }
    /// Another session changes the label.
    void change_label() {
        auto other = this->session();
        other.template get_one<Stock>(1)->label = "theirs";
        other.commit();
    }
    std::string row() {
        return this->text("SELECT label || ' ' || CAST(pieces AS text) || ' ' || CAST(version AS text) FROM stocks");
    }
};
TYPED_TEST_SUITE(increment, wharf::test::backends);

TYPED_TEST(increment, of_a_row_that_others_have_changed_leaves_it_known_as_changed) {
    auto session = this->session();
    auto stock = session.template get_one<Stock>(1);
    session.commit();
    this->change_label();
    session.increment(stock, &Stock::pieces, 1);
    session.commit();
    EXPECT_EQ(stock->pieces, 11);
    EXPECT_EQ(stock->label, "read");
    EXPECT_EQ(this->row(), "theirs 11 3");

    stock->label = "ours"; // from what was read before the other changed it
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    EXPECT_EQ(this->row(), "theirs 11 3");
    EXPECT_EQ(session.template get_one<Stock>(1)->label, "theirs");
    stock->label = "ours";
    session.commit();
    EXPECT_EQ(this->row(), "ours 11 4");
}

TYPED_TEST(increment, in_one_transaction_with_a_change_leaves_the_row_known_as_changed) {
    auto session = this->session();
    auto stock = session.template get_one<Stock>(1);
    session.commit();
    this->change_label();
    session.increment(stock, &Stock::pieces, 1);
    session.increment(stock, &Stock::pieces, 1);
    stock->label = "ours";
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    EXPECT_EQ(this->row(), "theirs 10 2");
}

TYPED_TEST(increment, of_a_row_as_it_was_read_takes_its_version) {
    auto session = this->session();
    auto stock = session.template get_one<Stock>(1);
    session.increment(stock, &Stock::pieces, 1);
    session.increment(stock, &Stock::pieces, 1);
    EXPECT_EQ(stock->version, 3);
    stock->label = "ours";
    session.commit();
    EXPECT_EQ(this->row(), "ours 12 4");
}

TYPED_TEST(increment, of_a_row_that_others_change_between_two_of_them) {
    auto session = this->session();
    auto stock = session.template get_one<Stock>(1);
    session.increment(stock, &Stock::pieces, 1);
    session.commit();
    this->change_label();
    session.increment(stock, &Stock::pieces, 1);
    session.commit();
    session.remove(stock);
    EXPECT_THROW(session.commit(), wharf::stale_data);
    session.rollback();
    session.refresh(stock);
    session.remove(stock);
    session.commit();
    EXPECT_EQ(this->count("stocks"), 0);
}

TYPED_TEST(increment, beyond_what_the_member_can_hold_is_refused_before_the_commit) {
    auto session = this->session();
    auto stock = session.template get_one<Stock>(1);
    try {
        session.increment(stock, &Stock::pieces, std::numeric_limits<std::int32_t>::max());
        FAIL();
    } catch (const wharf::conversion_error& refused) {
        EXPECT_THAT(refused.what(), AllOf(HasSubstr("\"pieces\""), HasSubstr("row 1"), HasSubstr("stocks")));
    }
    EXPECT_THROW(session.commit(), wharf::transaction_failed);
    session.rollback();
    EXPECT_EQ(this->row(), "read 10 1");
    {
        auto scope = session.savepoint();
        EXPECT_THROW(session.increment(stock, &Stock::pieces, std::numeric_limits<std::int32_t>::max()),
                     wharf::conversion_error);
    }
    session.increment(stock, &Stock::pieces, 1);
    session.commit();
    EXPECT_EQ(stock->pieces, 11);
    EXPECT_EQ(this->row(), "read 11 2");
}

TYPED_TEST(increment, of_the_last_version_that_the_member_can_hold_is_refused) {
    this->run("UPDATE stocks SET version = 2147483647");
    auto session = this->session();
    auto stock = session.template get_one<Stock>(1);
    EXPECT_THROW(session.increment(stock, &Stock::pieces, 1), wharf::conversion_error);
    session.rollback();
    EXPECT_EQ(this->row(), "read 10 2147483647");
}

} // namespace
