// Columns of wharf's own types in mapped classes, on both backends: tables are made for them, many rows travel as one,
// and they come back.
#include "support/backends.hpp"
#include "wharf/orm/session.hpp"
#include "wharf/row/codecs.hpp"
#include "wharf/schema/create_tables.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace measured {

using namespace std::chrono_literals;

struct sample {
    std::int64_t id{};
    wharf::decimal amount{};
    wharf::interval span{};
    std::chrono::milliseconds lasts{};
    wharf::time_of_day at{};
    wharf::inet from{};
    wharf::bit_string flags{};
    wharf::geometry::point place{};
    wharf::range<std::int32_t> numbers{};
    wharf::range<wharf::timestamptz> valid{};
    wharf::multirange<wharf::decimal> bands{};
    std::optional<wharf::decimal> maybe{};
    std::vector<std::optional<wharf::decimal>> list{};
    std::vector<std::vector<std::int32_t>> grid{};

    bool operator==(const sample&) const = default;
};
constexpr auto wharf_mapping(wharf::type<sample>) {
    using s = sample;
    return wharf::table<s>("samples", wharf::primary_key<&s::id>(),
                           wharf::columns<&s::amount, &s::span, &s::lasts, &s::at, &s::from, &s::flags, &s::place,
                                          &s::numbers, &s::valid, &s::bands, &s::maybe, &s::list, &s::grid>());
}

sample make_sample(std::int64_t id) {
    sample made;
    made.id = id;
    made.amount = wharf::decimal::parse("19.90").value();
    made.span = {1, 2, 3};
    made.lasts = 90s;
    made.at = {9h + 30min};
    made.from = wharf::inet::parse("10.0.0.1/8").value();
    made.flags = wharf::bit_string::parse("0110").value();
    made.place = {1.5, -2};
    made.numbers = {1, 5};
    made.valid = {wharf::date{}, std::nullopt};
    made.bands = {{wharf::decimal(1), wharf::decimal(2)}};
    made.list = {made.amount, std::nullopt};
    made.grid = {{1, 2}, {3, 4}};
    return made;
}

} // namespace measured

namespace wharf::testing {
namespace {

using measured::make_sample;
using measured::sample;

template <class Backend>
class value_types : public ::testing::Test {
protected:
    Backend backend_{};
    engine engine_{backend_.url()};
};
TYPED_TEST_SUITE(value_types, test::backends);

TYPED_TEST(value_types, members_of_them_come_back_as_they_went) {
    create_tables<sample>(this->engine_);
    {
        session session(this->engine_);
        for (std::int64_t id = 1; id <= 3; ++id)
            session.add(make_sample(id));
        session.commit();
    }
    session session(this->engine_);
    for (std::int64_t id = 1; id <= 3; ++id)
        EXPECT_EQ(*session.get_one<const sample>(id), make_sample(id));
}

TYPED_TEST(value_types, change_of_one_member_is_written) {
    create_tables<sample>(this->engine_);
    session session(this->engine_);
    auto added = session.add(make_sample(1));
    session.commit();
    added->amount = decimal(20);
    added->numbers = range<std::int32_t>::all();
    session.commit();
    auto expected = make_sample(1);
    expected.amount = decimal(20);
    expected.numbers = range<std::int32_t>::all();
    wharf::session fresh(this->engine_);
    EXPECT_EQ(*fresh.get_one<const sample>(1), expected);
}

} // namespace
} // namespace wharf::testing
