// Schemas where the database itself carries a key on to the rows that refer to it: ON UPDATE CASCADE, and what ON
// DELETE does below a removed row.
#include "unit/orm/models.hpp"

namespace cascading_keys {

using namespace models;

struct Leaf;
struct Branch {
    std::string code{};
    std::string name{};
    wharf::has_many<Leaf> leaves{};
};
struct Leaf {
    std::int64_t id{};
    std::string name{};
    wharf::belongs_to<std::optional<Branch>> branch{};
};
struct Twig {
    std::int64_t id{};
    std::string name{};
    std::optional<std::string> branch_code{};
    wharf::belongs_to<std::optional<Branch>> branch{};
};
constexpr auto wharf_mapping(wharf::type<Branch>) {
    return wharf::table<Branch>("branches", wharf::primary_key<&Branch::code>(), wharf::column<&Branch::name>(),
                                wharf::relation<&Branch::leaves>());
}
constexpr auto wharf_mapping(wharf::type<Leaf>) {
    return wharf::table<Leaf>("leaves", wharf::primary_key<&Leaf::id>(), wharf::column<&Leaf::name>(),
                              wharf::relation<&Leaf::branch>().column("branch_code"));
}
constexpr auto wharf_mapping(wharf::type<Twig>) {
    return wharf::table<Twig>("twigs", wharf::primary_key<&Twig::id>(), wharf::column<&Twig::name>(),
                              wharf::column<&Twig::branch_code>(),
                              wharf::relation<&Twig::branch>().column<&Twig::branch_code>());
}

template <class Backend>
class cascading_keys : public session_test<Backend> {
protected:
    void make(const std::string& rule) {
        session_.execute("CREATE TABLE branches (code text PRIMARY KEY, name text NOT NULL)");
        for (const auto* table : {"leaves", "twigs"}) {
            session_.execute(wharf::raw_sql(std::string("CREATE TABLE ") + table +
                                            " (id bigint PRIMARY KEY, name text NOT NULL, branch_code text REFERENCES "
                                            "branches(code) " +
                                            rule + ")"));
        }
        branch_ = session_.add(Branch{.code = "a", .name = "branch"});
        leaf_ = session_.add(Leaf{.id = 1, .name = "leaf", .branch = branch_});
        twig_ = session_.add(Twig{.id = 1, .name = "twig", .branch = branch_});
        session_.commit();
    }
    void expect_codes(const std::string& code) {
        EXPECT_EQ(this->text("SELECT branch_code FROM leaves"), code);
        EXPECT_EQ(this->text("SELECT branch_code FROM twigs"), code);
        EXPECT_EQ(leaf_->branch.get(), branch_);
        EXPECT_EQ(twig_->branch.get(), branch_);
        EXPECT_EQ(twig_.read()->branch_code, code);
        EXPECT_FALSE(session_.is_modified());
    }

    wharf::session session_{this->engine_};
    wharf::entity<Branch> branch_{};
    wharf::entity<Leaf> leaf_{};
    wharf::entity<Twig> twig_{};
};
TYPED_TEST_SUITE(cascading_keys, wharf::test::backends);

TYPED_TEST(cascading_keys, of_an_update_are_those_of_loaded_children) {
    this->make("ON UPDATE CASCADE");
    this->branch_->code = "b";
    this->session_.commit();
    this->expect_codes("b");
    this->leaf_->name = "leaf 2";
    this->twig_->name = "twig 2";
    this->session_.commit();
    this->expect_codes("b");
    EXPECT_EQ(this->text("SELECT leaves.name || ' ' || twigs.name FROM leaves, twigs"), "leaf 2 twig 2");
}

TYPED_TEST(cascading_keys, of_an_update_are_those_of_children_that_were_touched) {
    this->make("ON UPDATE CASCADE");
    this->leaf_->name = "leaf 2";
    this->twig_->name = "twig 2";
    this->branch_->code = "b";
    this->session_.commit();
    this->expect_codes("b");
    this->leaf_->name = "leaf 3";
    this->twig_->name = "twig 3";
    this->session_.commit();
    this->expect_codes("b");
    this->leaf_->branch = nullptr;
    this->twig_->branch = nullptr;
    this->session_.commit();
    EXPECT_EQ(this->count("leaves WHERE branch_code IS NULL"), 1);
    EXPECT_EQ(this->count("twigs WHERE branch_code IS NULL"), 1);
    EXPECT_FALSE(this->session_.is_modified());
}

TYPED_TEST(cascading_keys, of_an_update_are_not_those_of_children_of_the_next_row_with_the_key) {
    this->make("ON UPDATE CASCADE");
    this->branch_->code = "b";
    auto next = this->session_.add(Branch{.code = "a", .name = "next"});
    auto leaf = this->session_.add(Leaf{.id = 2, .name = "leaf", .branch = next});
    this->session_.commit();
    EXPECT_EQ(leaf->branch.get(), next);
    EXPECT_EQ(this->leaf_->branch.get(), this->branch_);
    EXPECT_EQ(this->twig_.read()->branch_code, "b");
    EXPECT_FALSE(this->session_.is_modified());
    EXPECT_EQ(this->text("SELECT branch_code FROM leaves WHERE id = 2"), "a");
}

TYPED_TEST(cascading_keys, of_an_update_that_is_rolled_back_are_the_old_ones) {
    this->make("ON UPDATE CASCADE");
    this->leaf_->name = "leaf 2";
    this->branch_->code = "b";
    this->session_.flush();
    this->session_.rollback();
    this->expect_codes("a");
    this->branch_->code = "c";
    this->session_.commit();
    this->expect_codes("c");
}

TYPED_TEST(cascading_keys, children_of_a_deleted_row_that_were_set_null_are_read_again_before_they_are_written) {
    this->make("ON DELETE SET NULL");
    this->session_.remove(this->branch_);
    this->session_.commit();
    EXPECT_EQ(this->leaf_.read()->name, "leaf");
    this->leaf_->name = "leaf 2";
    EXPECT_FALSE(this->leaf_->branch.is_set());
    // The branch has no collection of twigs, so nobody knows of this one.
    this->twig_->name = "twig 2";
    EXPECT_THAT([&] { this->session_.commit(); }, ::testing::Throws<wharf::usage_error>());
    this->session_.rollback();
    this->session_.refresh(this->twig_);
    EXPECT_FALSE(this->twig_->branch.is_set());
    this->leaf_->name = "leaf 2";
    this->twig_->name = "twig 2";
    this->session_.commit();
    EXPECT_EQ(this->text("SELECT leaves.name || ' ' || twigs.name FROM leaves, twigs"), "leaf 2 twig 2");
    EXPECT_FALSE(this->session_.is_modified());
}

TYPED_TEST(cascading_keys, children_that_were_deleted_with_their_row_are_found_gone_before_they_are_written) {
    this->make("ON DELETE CASCADE");
    this->session_.remove(this->branch_);
    this->session_.commit();
    EXPECT_EQ(this->leaf_.read()->name, "leaf");
    EXPECT_THAT([&] { this->leaf_->name = "leaf 2"; },
                ::testing::ThrowsMessage<wharf::error>(::testing::HasSubstr("is not there any more")));
    EXPECT_FALSE(this->session_.template get<Leaf>(1));
    EXPECT_THROW(this->session_.refresh(this->twig_), wharf::error);
    this->session_.add(Branch{.code = "c", .name = "next"});
    this->session_.commit();
    EXPECT_EQ(this->count("branches"), 1);
}

// Lines have the code of their order in their own keys.
TYPED_TEST(cascading_keys, of_an_update_reach_keys_that_are_made_of_them) {
    this->session_.execute("DROP TABLE lines");
    this->session_.execute("CREATE TABLE lines (order_code text NOT NULL REFERENCES orders(code) ON UPDATE CASCADE, "
                           "number integer NOT NULL, quantity integer NOT NULL, PRIMARY KEY (order_code, number))");
    auto order = this->session_.add(Order{.code = "a", .state = "open"});
    auto line = this->session_.add(Line{.number = 1, .order = order, .quantity = 1});
    this->session_.commit();
    order->code = "b";
    this->session_.commit();
    EXPECT_EQ(line.read()->order_code, "b");
    EXPECT_EQ(line->order.get(), order);
    EXPECT_EQ(order->lines.size(), 1U);
    line->quantity = 2;
    this->session_.commit();
    EXPECT_EQ(this->count("lines WHERE order_code = 'b' AND quantity = 2"), 1);
    EXPECT_EQ(this->session_.template get<Line>({"b", 1}), line);
    EXPECT_FALSE(this->session_.template get<Line>({"a", 1}));
    order->code = "c";
    this->session_.flush();
    this->session_.rollback();
    EXPECT_EQ(line.read()->order_code, "b");
    line->quantity = 3;
    this->session_.commit();
    EXPECT_EQ(this->count("lines WHERE order_code = 'b' AND quantity = 3"), 1);
}

} // namespace cascading_keys
