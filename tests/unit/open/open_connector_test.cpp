#include "wharf/open/open_connector.hpp"

#include "wharf/base/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wharf {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(open_connector, scheme_picks_the_driver) {
    EXPECT_EQ(open_connector("sqlite://")->kind(), backend::sqlite);
    EXPECT_EQ(open_connector("sqlite:///file.db")->description(), "sqlite:///file.db");
    EXPECT_EQ(open_connector("postgresql://u:p@localhost/d")->kind(), backend::postgres);
    EXPECT_EQ(open_connector("postgres://u:p@localhost/d")->kind(), backend::postgres);
    EXPECT_EQ(open_connector("host=localhost user=u dbname='a b'")->kind(), backend::postgres);
    EXPECT_THAT(open_connector("postgres://u:canary@localhost/d")->description(), Not(HasSubstr("canary")));
}

TEST(open_connector, unknown_scheme_is_refused_with_the_known_ones) {
    try {
        static_cast<void>(open_connector("mysql://root:canary@host/db"));
        FAIL();
    } catch (const configuration_error& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("mysql://"), HasSubstr("postgresql://"), HasSubstr("sqlite://"),
                                        Not(HasSubstr("canary"))));
    }
}

} // namespace
} // namespace wharf
