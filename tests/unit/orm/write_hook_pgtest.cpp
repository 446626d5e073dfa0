// What a mapping calls before a row is written: for writes, never for looks, and what it throws ends nothing but them.
#include "unit/orm/models.hpp"

#include <stdexcept>

namespace write_hooks {

struct Ticket {
    std::int64_t id{};
    std::string state{};
    std::optional<std::string> place{};
    std::int64_t revision{}; // raised by the hook, so that each of its calls can be seen
};

int calls = 0;
bool refuses = false;

inline void prepare(Ticket& written, bool) {
    ++calls;
    if (refuses) throw std::runtime_error("the hook refuses");
    ++written.revision;
}

constexpr auto wharf_mapping(wharf::type<Ticket>) {
    return wharf::table<Ticket>("tickets", wharf::primary_key<&Ticket::id>(), wharf::column<&Ticket::state>(),
                                wharf::column<&Ticket::place>().unique(), wharf::column<&Ticket::revision>(),
                                wharf::before_write<&prepare>());
}

template <class Backend>
class write_hook : public models::session_test<Backend> {
protected:
    write_hook() {
        refuses = false;
        session_.execute("CREATE TABLE tickets (id bigint PRIMARY KEY, state text NOT NULL, place text UNIQUE, "
                         "revision bigint NOT NULL)");
        ticket_ = session_.add(Ticket{.id = 1, .state = "open", .place = "a"});
        other_ = session_.add(Ticket{.id = 2, .state = "open", .place = "b"});
        session_.commit();
        calls = 0;
    }
    void expect_row(std::int64_t revision, const std::string& state) {
        EXPECT_EQ(this->count("tickets WHERE id = 1 AND revision = " + std::to_string(revision)), 1);
        EXPECT_EQ(this->text("SELECT state FROM tickets WHERE id = 1"), state);
    }

    wharf::session session_{this->engine_};
    wharf::entity<Ticket> ticket_{};
    wharf::entity<Ticket> other_{};
};
TYPED_TEST_SUITE(write_hook, wharf::test::backends);

TYPED_TEST(write_hook, is_called_by_no_look_at_changes) {
    auto added = this->session_.add(Ticket{.id = 3, .state = "new"});
    this->ticket_->state = "closed";
    EXPECT_TRUE(this->session_.is_modified());
    EXPECT_TRUE(this->session_.is_modified(this->ticket_));
    {
        auto inner = this->session_.savepoint();
        this->session_.release_unused();
        EXPECT_EQ(this->ticket_.read()->revision, 1);
    }
    this->session_.rollback();
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(added.read()->revision, 0);
}

TYPED_TEST(write_hook, is_called_once_for_each_write) {
    this->ticket_->state = "closed";
    static_cast<void>(this->session_.is_modified());
    this->session_.flush();
    this->session_.flush();
    EXPECT_EQ(calls, 1);
    this->ticket_->state = "open again";
    this->session_.commit();
    EXPECT_EQ(calls, 2);
    this->expect_row(3, "open again");
}

TYPED_TEST(write_hook, is_called_once_where_an_autoflush_writes) {
    this->ticket_->state = "closed";
    const auto found = this->session_.template select<Ticket>().where(wharf::col<&Ticket::state> == "closed").all();
    EXPECT_EQ(found.size(), 1U);
    this->session_.commit();
    EXPECT_EQ(calls, 1);
    this->expect_row(2, "closed");
}

// The plan is made twice.
TYPED_TEST(write_hook, is_called_once_where_values_are_swapped) {
    std::swap(this->ticket_->place, this->other_->place);
    this->session_.commit();
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(this->text("SELECT place FROM tickets WHERE id = 1"), "b");
    this->expect_row(2, "open");
}

TYPED_TEST(write_hook, of_a_row_that_another_object_takes_over_is_called_for_that_one) {
    this->session_.remove(this->ticket_);
    this->session_.add(Ticket{.id = 1, .state = "taken over", .place = "a"});
    this->session_.commit();
    EXPECT_EQ(calls, 1);
    this->expect_row(1, "taken over");
}

TYPED_TEST(write_hook, of_a_write_that_is_rolled_back_leaves_nothing) {
    this->ticket_->state = "closed";
    {
        auto inner = this->session_.savepoint();
        this->session_.flush();
        EXPECT_EQ(this->ticket_.read()->revision, 2);
    }
    EXPECT_EQ(this->ticket_.read()->revision, 1);
    EXPECT_EQ(this->ticket_.read()->state, "closed");
    this->session_.commit();
    this->expect_row(2, "closed");
    this->ticket_->state = "lost";
    this->session_.flush();
    this->session_.rollback();
    EXPECT_EQ(this->ticket_.read()->revision, 2);
    EXPECT_FALSE(this->session_.is_modified());
}

TYPED_TEST(write_hook, that_throws_fails_the_flush_and_no_rollback) {
    this->ticket_->state = "closed";
    refuses = true;
    EXPECT_THROW(this->session_.flush(), std::runtime_error);
    {
        auto inner = this->session_.savepoint();
        this->ticket_->state = "closed for good";
    }
    EXPECT_EQ(this->ticket_.read()->state, "closed");
    EXPECT_THROW(this->session_.commit(), std::runtime_error);
    this->session_.rollback();
    EXPECT_EQ(this->ticket_.read()->state, "open");
    refuses = false;
    this->ticket_->state = "closed";
    this->session_.commit();
    this->expect_row(2, "closed");
}

TYPED_TEST(write_hook, that_throws_ends_no_scope) {
    refuses = true;
    {
        auto session = this->session();
        auto ticket = session.template get_one<Ticket>(1);
        ticket->state = "closed";
        session.add(Ticket{.id = 4, .state = "new"});
    }
    {
        auto session = this->session();
        auto ticket = session.template get_one<Ticket>(1);
        ticket->state = "closed";
        session.close();
        EXPECT_EQ(ticket.read()->state, "closed");
    }
    this->expect_row(1, "open");
}

} // namespace write_hooks
