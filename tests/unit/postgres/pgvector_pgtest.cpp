// pgvector's types against the extension itself, in binary both ways.
#include "connected.hpp"
#include "support/servers.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/connection/connection_core.hpp"
#include "wharf/connection/copy_buffer.hpp"

#include <limits>
#include <optional>
#include <tuple>
#include <utility>

namespace wharf::postgres {
namespace {

using floats = std::vector<float>;
using testing::HasSubstr;

// In a schema of its own, as it often is: nothing is found by the search path.
class pgvector_pgtest : public testing::Test {
protected:
    pgvector_pgtest() {
        database_.execute("CREATE SCHEMA ext; CREATE EXTENSION vector SCHEMA ext");
        execute(*connection_, "SET search_path TO public, ext");
    }
    template <class... T, class... Values>
    auto one(std::string sql, const Values&... values) {
        return query<T...>(*connection_, std::move(sql), values...).one();
    }
    template <class... Values>
    std::string refusal(std::string sql, const Values&... values) {
        try {
            execute(*connection_, std::move(sql), values...);
        } catch (const error& refused) {
            return refused.what();
        }
        return {};
    }
    wire_format format_of(std::string text) {
        statement_run what(std::move(text));
        run(*connection_, what);
        return what.rows.shape().columns.front().format;
    }

    test::database database_{test::servers::postgres18()};
    std::unique_ptr<driver> connection_ = connect(socket_settings(database_));
};

TEST_F(pgvector_pgtest, vector_comes_and_goes_in_binary) {
    const float least = std::numeric_limits<float>::denorm_min();
    const float most = std::numeric_limits<float>::max();
    for (const floats& value : {floats{1, 2.5F, -3}, floats{0.1F}, floats{least, most, -most, -0.0F}}) {
        EXPECT_EQ(one<floats>("SELECT $1::ext.vector", value), value);
        EXPECT_EQ(one<vector_value>("SELECT $1::ext.vector", vector_value{value}), vector_value{value});
    }
    EXPECT_EQ(one<std::string>("SELECT $1::vector::text", floats{1, 2.5F, -3}), "[1,2.5,-3]");
    EXPECT_EQ(one<floats>("SELECT '[1,2.5,-3]'::vector"), (floats{1, 2.5F, -3}));
    EXPECT_EQ(one<floats>("SELECT $1::vector", std::vector<double>{0.5, 1e10}), (floats{0.5F, 1e10F}));
    EXPECT_EQ(one<floats>("SELECT $1::vector", "[4,5]"), (floats{4, 5})) << "text is parsed by the server";
    EXPECT_EQ(format_of("SELECT '[1]'::vector"), wire_format::binary);
}

TEST_F(pgvector_pgtest, longest_vector_comes_and_goes) {
    floats value(16'000);
    for (std::size_t i = 0; i < value.size(); ++i)
        value[i] = static_cast<float>(i) / 7;
    EXPECT_EQ(one<floats>("SELECT $1::vector", value), value);
    value.push_back(0);
    EXPECT_NE(refusal("SELECT $1::vector", value), "");
    EXPECT_EQ(one<int>("SELECT 7"), 7);
}

TEST_F(pgvector_pgtest, halfvec_comes_and_goes_in_binary) {
    const floats exact{1, -2.5F, 65504, 0.000061035156F};
    EXPECT_EQ(one<floats>("SELECT $1::halfvec", exact), exact);
    EXPECT_EQ(one<floats>("SELECT $1::halfvec", vector_value{exact}), exact);
    EXPECT_EQ(one<std::string>("SELECT $1::halfvec::text", floats{0.1F, 3}),
              one<std::string>("SELECT '[0.1,3]'::halfvec::text"))
        << "rounded as the server rounds";
    EXPECT_EQ(one<floats>("SELECT '[0.1,3]'::halfvec"), (floats{0.099975586F, 3}));
    EXPECT_THAT(refusal("SELECT $1::halfvec", floats{70'000}), HasSubstr("does not fit"));
    EXPECT_EQ(format_of("SELECT '[1]'::halfvec"), wire_format::binary);
}

TEST_F(pgvector_pgtest, sparsevec_comes_and_goes_in_binary) {
    const sparse_vector value{100'000, {0, 3, 99'999}, {1, -2.5F, 0.1F}};
    EXPECT_EQ(one<sparse_vector>("SELECT $1::sparsevec", value), value);
    EXPECT_EQ(one<std::string>("SELECT $1::sparsevec::text", sparse_vector{5, {0, 3}, {1, -2.5F}}), "{1:1,4:-2.5}/5");
    EXPECT_EQ(one<sparse_vector>("SELECT '{}/7'::sparsevec"), (sparse_vector{7, {}, {}}));
    EXPECT_EQ(one<sparse_vector>("SELECT $1::sparsevec", sparse_vector{7, {}, {}}), (sparse_vector{7, {}, {}}));
    EXPECT_EQ(format_of("SELECT '{}/7'::sparsevec"), wire_format::binary);
    EXPECT_NE(refusal("SELECT $1::sparsevec", sparse_vector{2, {5}, {1}}), "") << "beyond its dimensions";
    EXPECT_NE(refusal("SELECT $1::sparsevec", sparse_vector{5, {3, 1}, {1, 1}}), "") << "out of order";
    EXPECT_EQ(one<int>("SELECT 7"), 7);
}

TEST_F(pgvector_pgtest, bits_are_postgresqls_own_and_have_distances) {
    const auto bits = *bit_string::parse("10110");
    EXPECT_EQ(one<bit_string>("SELECT $1::bit(5)", bits), bits);
    EXPECT_EQ(one<double>("SELECT B'10001'::bit(5) <~> $1::bit(5)", bits), 3);
    EXPECT_EQ(one<double>("SELECT B'10001'::bit(5) <%> $1::bit(5)", bits), 0.75);
}

TEST_F(pgvector_pgtest, null_and_arrays_come_and_go) {
    EXPECT_EQ(one<std::optional<floats>>("SELECT $1::vector", std::optional<floats>()), std::nullopt);
    EXPECT_EQ(one<std::optional<sparse_vector>>("SELECT NULL::sparsevec"), std::nullopt);
    using vectors = std::vector<std::optional<vector_value>>;
    const vectors some{vector_value{{1, 2}}, std::nullopt, vector_value{{3, 4, 5}}};
    for (const auto& value : {some, vectors{}}) {
        EXPECT_EQ(one<vectors>("SELECT $1::vector[]", value), value);
        EXPECT_EQ(one<vectors>("SELECT $1::halfvec[]", value), value);
    }
    EXPECT_EQ(one<std::string>("SELECT $1::vector[]::text", some), R"({"[1,2]",NULL,"[3,4,5]"})");
    using sparse = std::vector<std::optional<sparse_vector>>;
    const sparse sparse_ones{sparse_vector{5, {1}, {2}}, std::nullopt};
    EXPECT_EQ(one<sparse>("SELECT $1::sparsevec[]", sparse_ones), sparse_ones);
    EXPECT_EQ(format_of("SELECT '{\"[1]\"}'::vector[]"), wire_format::binary);
}

TEST_F(pgvector_pgtest, vectors_are_copied_in_binary) {
    using row = std::tuple<floats, std::vector<double>, sparse_vector>;
    execute(*connection_, "CREATE TABLE t(v vector(2), h halfvec(2), s sparsevec(2))");
    connection_core core(std::move(connection_));
    auto what = copy_request::rows_into("t", {});
    what.expect_cells(row_cells<row>::types);
    const auto number = io::run(core.begin_copy(std::move(what)));
    copy_buffer buffer;
    buffer.aim_at(*core.underlying().copying(), row_cells<row>::types);
    buffer.add(row{{1, 2}, {3, 0.5}, {2, {1}, {4}}});
    EXPECT_THROW(buffer.add(row{{1, 2}, {3, 1e6}, {2, {1}, {4}}}), conversion_error);
    io::run(core.send_copy(number, buffer.frame()));
    EXPECT_EQ(io::run(core.finish_copy(number)), 1U);
    EXPECT_EQ(database_.value("SELECT t::text FROM t"), "(\"[1,2]\",\"[3,0.5]\",{2:4}/2)");
}

TEST_F(pgvector_pgtest, other_dimensions_than_the_columns_are_the_servers_error) {
    execute(*connection_, "CREATE TABLE t(v vector(3), h halfvec(3), s sparsevec(3))");
    execute(*connection_, "INSERT INTO t VALUES ($1, $2, $3)", floats{1, 2, 3}, floats{1, 2, 3},
            sparse_vector{3, {1}, {1}});
    EXPECT_THROW(execute(*connection_, "INSERT INTO t(v) VALUES ($1)", floats{1, 2}), data_error);
    EXPECT_THAT(refusal("INSERT INTO t(v) VALUES ($1)", floats{1, 2}), HasSubstr("expected 3 dimensions, not 2"));
    EXPECT_THAT(refusal("INSERT INTO t(h) VALUES ($1)", floats{1, 2}), HasSubstr("expected 3 dimensions, not 2"));
    EXPECT_THAT(refusal("INSERT INTO t(s) VALUES ($1)", sparse_vector{4, {}, {}}),
                HasSubstr("expected 3 dimensions, not 4"));
    EXPECT_THAT(refusal("SELECT v <-> $1 FROM t", floats{1, 2}), HasSubstr("different vector dimensions 3 and 2"));
    for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
        EXPECT_THROW(execute(*connection_, "INSERT INTO t(v) VALUES ($1)", floats{1, 2, value}), data_error);
    EXPECT_THROW(execute(*connection_, "INSERT INTO t(v) VALUES ($1)", floats{}), data_error);
    EXPECT_EQ(one<std::int64_t>("SELECT count(*) FROM t"), 1);
}

TEST_F(pgvector_pgtest, distances_to_a_parameter_order_the_rows) {
    execute(*connection_, "CREATE TABLE t(id int8, v vector(2), h halfvec(2), s sparsevec(2))");
    const auto insert = "INSERT INTO t VALUES ($1, $2, $3, $4)";
    execute(*connection_, insert, 1, floats{3, 4}, floats{3, 4}, sparse_vector{2, {0, 1}, {3, 4}});
    execute(*connection_, insert, 2, floats{1, 0}, floats{1, 0}, sparse_vector{2, {0}, {1}});
    const floats from{0, 0};
    const floats unit{1, 0};
    EXPECT_EQ(one<double>("SELECT v <-> $1 FROM t WHERE id = 1", from), 5);
    EXPECT_EQ(one<double>("SELECT v <+> $1 FROM t WHERE id = 1", from), 7);
    EXPECT_EQ(one<double>("SELECT v <#> $1 FROM t WHERE id = 1", unit), -3);
    EXPECT_EQ(one<double>("SELECT v <=> $1 FROM t WHERE id = 2", unit), 0);
    EXPECT_EQ(one<double>("SELECT h <-> $1 FROM t WHERE id = 1", from), 5);
    EXPECT_EQ(one<double>("SELECT s <-> $1 FROM t WHERE id = 1", sparse_vector{2, {}, {}}), 5);
    EXPECT_EQ(query<std::int64_t>(*connection_, "SELECT id FROM t ORDER BY v <-> $1 LIMIT $2", from, 5).to_vector(),
              (std::vector<std::int64_t>{2, 1}));
    execute(*connection_, "CREATE INDEX ON t USING hnsw (v vector_l2_ops)");
    execute(*connection_, "SET enable_seqscan TO off");
    EXPECT_EQ(one<std::int64_t>("SELECT id FROM t ORDER BY v <-> $1 LIMIT 1", floats{3, 3}), 1);
}

} // namespace
} // namespace wharf::postgres
