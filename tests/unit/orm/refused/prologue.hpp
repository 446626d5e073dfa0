// What the cases have in common.
#pragma once

#include "wharf/io/blocking.hpp"
#include "wharf/orm/belongs_to.hpp"
#include "wharf/orm/has_many.hpp"
#include "wharf/orm/query.hpp"
#include "wharf/orm/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using wharf::col;

struct post;
struct user {
    std::int64_t id{};
    std::string name{};
    std::optional<std::string> email{};
    std::int32_t age{};
    std::string unmapped{};
    wharf::has_many<post> posts{};
};
struct post {
    std::int64_t id{};
    wharf::belongs_to<user> author{};
    wharf::belongs_to<std::optional<user>> reviewer{};
};
constexpr auto wharf_mapping(wharf::type<user>) {
    return wharf::table<user>("users", wharf::primary_key<&user::id>().generated(),
                              wharf::columns<&user::name, &user::email, &user::age>(),
                              wharf::relation<&user::posts>().inverse<&post::author>());
}
constexpr auto wharf_mapping(wharf::type<post>) {
    return wharf::table<post>("posts", wharf::primary_key<&post::id>().generated(), wharf::relation<&post::author>(),
                              wharf::relation<&post::reviewer>());
}

struct thing {
    std::int64_t id{};
    std::int64_t other{};
    double weight{};
    std::optional<std::int64_t> maybe{};
    wharf::belongs_to<user> owner{};
    wharf::has_many<post> posts{};
};
