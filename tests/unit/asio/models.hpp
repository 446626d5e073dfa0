// Classes for the tests of async sessions.
#pragma once

#include "wharf/orm/session.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/schema/create_tables.hpp"

#include <cstdint>
#include <string>

namespace async_models {

struct Book;
struct Author {
    std::int64_t id{};
    std::string name{};
    wharf::has_many<Book> books{};
};
struct Book {
    std::int64_t id{};
    wharf::belongs_to<Author> author{};
    std::string title{};
};
struct Account {
    std::int64_t id{};
    std::int64_t balance{};
};

constexpr auto wharf_mapping(wharf::type<Author>) {
    return wharf::table<Author>("authors", wharf::primary_key<&Author::id>().generated(),
                                wharf::column<&Author::name>(), wharf::relation<&Author::books>());
}
constexpr auto wharf_mapping(wharf::type<Book>) {
    return wharf::table<Book>("books", wharf::primary_key<&Book::id>().generated(), wharf::relation<&Book::author>(),
                              wharf::column<&Book::title>());
}
constexpr auto wharf_mapping(wharf::type<Account>) {
    return wharf::table<Account>("accounts", wharf::primary_key<&Account::id>(), wharf::column<&Account::balance>());
}

} // namespace async_models
