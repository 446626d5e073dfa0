// The other translation unit of relation_mapping_test.cpp: it has the classes that the test only declares.
#include "relation_mapping_leaf.hpp"
#include "wharf/orm/session.hpp"

#include <string>

namespace presses {

struct press {
    std::string code{};
};
constexpr auto wharf_mapping(wharf::type<press>) {
    return wharf::table<press>("presses", wharf::primary_key<&press::code>());
}

// Never called: that it is compiled is enough.
wharf::entity<press> add(wharf::session& session);
wharf::entity<press> add(wharf::session& session) {
    return session.add(press{});
}

} // namespace presses

namespace plants {

struct root {
    std::string name{};
};
constexpr auto wharf_mapping(wharf::type<root>) {
    return wharf::table<root>("roots", wharf::primary_key<&root::name>());
}

// It uses leaf only.
const wharf::orm::class_descriptor& leaf_elsewhere();
const wharf::orm::class_descriptor& leaf_elsewhere() {
    return wharf::describe<leaf>();
}

} // namespace plants
