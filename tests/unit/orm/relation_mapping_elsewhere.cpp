// The other translation unit of relation_mapping_test.cpp: it has the class that the test only declares.
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
