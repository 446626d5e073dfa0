// What docs/connecting.md says: its examples are accepted, its tables leave nothing out.
#include "base/parameter_names.hpp"
#include "postgres/environment_variables.hpp"
#include "support/page_snippets.hpp"
#include "support/temporary_directory.hpp"
#include "wharf/base/error.hpp"
#include "wharf/postgres/connector.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace wharf::postgres {
namespace {

TEST(connecting_page, its_connection_strings_are_accepted) {
    const test::temporary_directory home;
    std::ofstream(home.path() / ".pg_service.conf") << "[shop]\nhost=db.example\n";
    environment around;
    around.user = "ann";
    around.home = home.path();
    std::istringstream lines(test::contents_of(WHARF_CONNECTING_PAGE));
    int examples = 0;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```")) {
            inside = !inside;
        } else if (inside) {
            ++examples;
            EXPECT_NO_THROW((void)make_connector(settings_from(line, around))) << line;
        }
    }
    EXPECT_EQ(examples, 13);
}

TEST(connecting_page, it_names_every_parameter_and_variable) {
    const auto text = test::contents_of(WHARF_CONNECTING_PAGE);
    for (const auto name : detail::postgres_parameters())
        EXPECT_NE(text.find('`' + std::string(name) + '`'), std::string::npos) << name;
    for (const auto& [keyword, variable] : environment_variables)
        EXPECT_NE(text.find('`' + std::string(variable) + '`'), std::string::npos) << variable;
    for (const std::string variable : other_variables)
        EXPECT_NE(text.find('`' + variable + '`'), std::string::npos) << variable;
}

} // namespace
} // namespace wharf::postgres
