// Random statements over all types, run through wharf in binary and through psql in text: the values are the same. So
// are those that the server gets back from wharf.
#include "connected.hpp"
#include "random_values.hpp"
#include "support/servers.hpp"
#include "support/temporary_directory.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <ostream>

namespace wharf::postgres {
namespace {

constexpr std::uint64_t seed = 20'241'125;
constexpr char between_fields = '\x1f';
constexpr std::string_view null_mark = "<null>";

struct column {
    const test::random_type* type;
    bool is_array;

    [[nodiscard]] std::string name() const { return std::string(type->name) + (is_array ? "[]" : ""); }
    [[nodiscard]] std::string read(const cell_view& cell, parameters& out) const {
        return is_array ? type->read_array(cell, out) : type->read(cell, out);
    }
    /// Of money the server says in which currency it is.
    [[nodiscard]] std::string without_currency(std::string text) const {
        if (type->name == "money") std::erase(text, '$');
        return text;
    }
};

struct random_statement {
    std::string sql{"SELECT "};
    std::vector<column> columns{};
};

random_statement make_statement(test::random_source& random) {
    const auto types = test::random_types();
    random_statement made;
    for (auto count = 1 + random() % 4; count > 0; --count) {
        const column next{&types[random() % types.size()], random() % 3 == 0};
        if (!made.columns.empty()) made.sql += ", ";
        if (random() % 16 == 0)
            made.sql += "NULL::" + next.name();
        else
            made.sql += next.is_array ? test::random_array(*next.type, random) : next.type->expression(random);
        made.columns.push_back(next);
    }
    return made;
}

/// What psql prints for all of them, a line for each.
std::vector<std::string> run_psql(const test::database& database, std::span<const random_statement> all) {
    const test::temporary_directory folder;
    const auto script = folder.path() / "statements.sql";
    const auto output = folder.path() / "values.txt";
    {
        std::ofstream file(script);
        file << "SET TimeZone TO 'UTC';\n";
        for (const auto& one : all)
            file << one.sql << ";\n";
    }
    const auto& server = database.server();
    const auto command = "psql -X -q -A -t -v ON_ERROR_STOP=1 -F '" + std::string(1, between_fields) +
                         "' -P 'null=" + std::string(null_mark) + "' -h '" + server.socket_directory + "' -p " +
                         server.port + " -U '" + server.user + "' -d '" + database.name() + "' -f '" + script.string() +
                         "' -o '" + output.string() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    std::vector<std::string> lines;
    std::ifstream file(output);
    for (std::string line; std::getline(file, line);)
        lines.push_back(line);
    return lines;
}

std::vector<std::string> fields_of(const std::string& line) {
    std::vector<std::string> fields(1);
    for (const char c : line) {
        if (c == between_fields)
            fields.emplace_back();
        else
            fields.back() += c;
    }
    return fields;
}

struct tested_server {
    const char* name;
    const support::postgres_address& (*server)();
    std::size_t statements;

    friend std::ostream& operator<<(std::ostream& out, const tested_server& tested) { return out << tested.name; }
};

class differential_pgtest : public testing::TestWithParam<tested_server> {
protected:
    differential_pgtest() { execute(*connection_, "SET TimeZone TO 'UTC'"); }

    /// What wharf reads, as text; and the values as parameters.
    std::vector<std::string> read(const random_statement& statement, parameters& values) {
        statement_run what(statement.sql);
        run(*connection_, what);
        auto row = what.rows[0];
        std::vector<std::string> fields;
        for (const auto& column : statement.columns) {
            const auto cell = row.next();
            const auto text = column.read(cell, values);
            fields.push_back(cell.null ? std::string(null_mark) : text);
        }
        return fields;
    }

    /// What the server takes the values for, as text.
    std::vector<std::string> echo(const random_statement& statement, const parameters& values) {
        statement_run what("SELECT ");
        for (std::size_t at = 0; at < statement.columns.size(); ++at) {
            const auto cast = "$" + std::to_string(at + 1) + "::" + statement.columns[at].name();
            what.sql += (at > 0 ? ", " : "") + ("CASE WHEN " + cast + " IS NULL THEN '" + std::string(null_mark) +
                                                "' ELSE format('%s', " + cast + ") END");
        }
        what.item.values = &values;
        run(*connection_, what);
        std::vector<std::string> fields;
        for (auto row = what.rows[0]; row.position() < row.size();)
            fields.emplace_back(row.next().bytes);
        return fields;
    }

    test::database database_{GetParam().server()};
    std::unique_ptr<driver> connection_ = connect(socket_settings(database_));
};

TEST_P(differential_pgtest, wharf_and_psql_see_the_same_values) {
    test::random_source random(seed);
    std::vector<random_statement> all;
    for (std::size_t i = 0; i < GetParam().statements; ++i)
        all.push_back(make_statement(random));
    const auto lines = run_psql(database_, all);
    ASSERT_EQ(lines.size(), all.size());

    int differences = 0;
    for (std::size_t i = 0; i < all.size() && differences < 10; ++i) {
        SCOPED_TRACE("seed " + std::to_string(seed) + ", statement " + std::to_string(i) + ": " + all[i].sql);
        auto expected = fields_of(lines[i]);
        ASSERT_EQ(expected.size(), all[i].columns.size());
        for (std::size_t at = 0; at < expected.size(); ++at)
            expected[at] = all[i].columns[at].without_currency(expected[at]);
        parameters values;
        const auto read_by_wharf = read(all[i], values);
        EXPECT_EQ(read_by_wharf, expected);
        auto echoed = echo(all[i], values);
        for (std::size_t at = 0; at < echoed.size(); ++at)
            echoed[at] = all[i].columns[at].without_currency(echoed[at]);
        EXPECT_EQ(echoed, expected);
        differences += read_by_wharf != expected || echoed != expected ? 1 : 0;
    }
}
INSTANTIATE_TEST_SUITE_P(on, differential_pgtest,
                         testing::Values(tested_server{"postgres15", &test::postgres_server, 2'000},
                                         tested_server{"postgres18", &test::servers::postgres18, 700}),
                         [](const auto& each) { return each.param.name; });

} // namespace
} // namespace wharf::postgres
