// A class with more columns than a flush keeps track of is refused before anything is done with it.
#include "wharf/base/error.hpp"
#include "wharf/orm/describe.hpp"
#include "wharf/row/codecs.hpp"

#include <gmock/gmock.h>

namespace {

// Ten members, and their names with a comma behind each.
#define TEN(name)                                                                                                      \
    int name##0 {}, name##1 {}, name##2 {}, name##3 {}, name##4 {}, name##5 {}, name##6 {}, name##7 {}, name##8 {},    \
        name##9 {};
#define NAMES(name)                                                                                                    \
    &wide::name##0, &wide::name##1, &wide::name##2, &wide::name##3, &wide::name##4, &wide::name##5, &wide::name##6,    \
        &wide::name##7, &wide::name##8, &wide::name##9

struct wide {
    int id{};
    // clang-format off
    TEN(a) TEN(b) TEN(c) TEN(d) TEN(e) TEN(f) TEN(g) TEN(h) TEN(i) TEN(j) TEN(k) TEN(l) TEN(m) TEN(n) TEN(o) TEN(p)
    TEN(q) TEN(r) TEN(s) TEN(t) TEN(u) TEN(v) TEN(w) TEN(x) TEN(y) TEN(z)
    // clang-format on
};

constexpr auto wharf_mapping(wharf::type<wide>) {
    return wharf::table<wide>(
        "wide", wharf::primary_key<&wide::id>(),
        wharf::columns<NAMES(a), NAMES(b), NAMES(c), NAMES(d), NAMES(e), NAMES(f), NAMES(g), NAMES(h), NAMES(i),
                       NAMES(j), NAMES(k), NAMES(l), NAMES(m), NAMES(n), NAMES(o), NAMES(p), NAMES(q), NAMES(r),
                       NAMES(s), NAMES(t), NAMES(u), NAMES(v), NAMES(w), NAMES(x), NAMES(y), NAMES(z)>());
}

TEST(descriptor, of_a_class_with_too_many_columns_is_refused) {
    try {
        static_cast<void>(wharf::describe<wide>());
        FAIL();
    } catch (const wharf::configuration_error& error) {
        EXPECT_STREQ(error.what(), "the mapping of table wide has 261 columns; a class may have up to 256");
    }
}

} // namespace
