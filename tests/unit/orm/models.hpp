// Classes that the tests of sessions share.
#pragma once

#include "support/backends.hpp"
#include "wharf/orm/retry.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/orm/session_factory.hpp"
#include "wharf/orm/sql_recorder.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/schema/create_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace models {

struct Profile;

struct User {
    std::int64_t id{};
    std::string name{};
    std::optional<std::string> email{};
    wharf::has_many<Profile> profiles{};
};
struct Profile {
    std::int64_t id{};
    wharf::belongs_to<User> user{};
    std::string bio{};
};

/// A foreign key as a plain member, and a version.
struct Article {
    std::int32_t id{};
    std::int64_t user_id{};
    wharf::belongs_to<User> user{};
    std::string title{};
    std::int64_t version{};
};

/// Refers to itself.
struct Node {
    std::int64_t id{};
    std::string name{};
    wharf::belongs_to<std::optional<Node>> parent{};
    wharf::has_many<Node> children{};
};

/// A key of two columns, one of them a foreign key; and a key that nobody generates.
struct Line;
struct Order {
    std::string code{};
    std::string state{};
    wharf::has_many<Line> lines{};
};
struct Line {
    std::string order_code{};
    std::int32_t number{};
    wharf::belongs_to<Order> order{};
    std::int32_t quantity{};
};

constexpr auto wharf_mapping(wharf::type<User>) {
    return wharf::table<User>("users", wharf::primary_key<&User::id>().generated(), wharf::column<&User::name>(),
                              wharf::column<&User::email>().unique(), wharf::relation<&User::profiles>());
}
constexpr auto wharf_mapping(wharf::type<Profile>) {
    return wharf::table<Profile>("profiles", wharf::primary_key<&Profile::id>().generated(),
                                 wharf::relation<&Profile::user>(), wharf::column<&Profile::bio>());
}
constexpr auto wharf_mapping(wharf::type<Article>) {
    return wharf::table<Article>("articles", wharf::primary_key<&Article::id>().generated(),
                                 wharf::column<&Article::user_id>(),
                                 wharf::relation<&Article::user>().column<&Article::user_id>(),
                                 wharf::column<&Article::title>(), wharf::column<&Article::version>().version());
}
constexpr auto wharf_mapping(wharf::type<Node>) {
    return wharf::table<Node>("nodes", wharf::primary_key<&Node::id>().generated(), wharf::column<&Node::name>(),
                              wharf::relation<&Node::parent>(), wharf::relation<&Node::children>());
}
constexpr auto wharf_mapping(wharf::type<Order>) {
    return wharf::table<Order>("orders", wharf::primary_key<&Order::code>(), wharf::column<&Order::state>(),
                               wharf::relation<&Order::lines>());
}
constexpr auto wharf_mapping(wharf::type<Line>) {
    return wharf::table<Line>("lines", wharf::primary_key<&Line::order_code, &Line::number>(),
                              wharf::relation<&Line::order>().key<&Line::order_code>(),
                              wharf::column<&Line::quantity>());
}

/// An engine with empty tables on a backend of its own.
template <class Backend>
class session_test : public testing::Test {
protected:
    session_test() { wharf::create_tables<User, Profile, Article, Node, Order, Line>(engine_); }

    [[nodiscard]] wharf::session session() { return wharf::session(engine_); }
    /// What is committed, read by a session of its own.
    [[nodiscard]] std::int64_t count(const std::string& what) {
        wharf::session other(engine_);
        return other.query_sql<std::int64_t>("SELECT count(*) FROM " + what).one();
    }
    [[nodiscard]] std::string text(const std::string& sql) {
        wharf::session other(engine_);
        return other.query_sql<std::string>(sql).one();
    }

    Backend backend_{};
    wharf::engine engine_{backend_.url(), {.pool_size = 4}};
};

} // namespace models
