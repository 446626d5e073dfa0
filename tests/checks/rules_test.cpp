// Each rule fails on what breaks it, and leaves alone what looks like it.

#include "checks/rules.hpp"

#include <gtest/gtest.h>
#include <string>

namespace wharf::checks {
namespace {

std::string layers(std::string_view path, std::string_view source) {
    const auto found = check_layers(path, source);
    return found.empty() ? "" : found.front().text;
}

TEST(layers, include_of_a_later_layer_is_found) {
    EXPECT_NE(layers("src/io/loop.cpp", "#include <wharf/pool/pool.hpp>\n"), "");
    EXPECT_NE(layers("src/io/loop.cpp", "#  include \"pool/waiter.hpp\"\n"), "");
    EXPECT_NE(layers("src/io/loop.cpp", "#include \"../pool/waiter.hpp\"\n"), "");
    EXPECT_NE(layers("include/wharf/io/op.hpp", "#include <wharf/asio/reactor.hpp>\n"), "");
    EXPECT_NE(layers("tests/unit/io/op_test.cpp", "#include <wharf/pool/pool.hpp>\n"), "");
    EXPECT_NE(layers("src/io/loop.cpp", "#include <wharf/wharf.hpp>\n"), "");
    EXPECT_NE(layers("include/wharf/wharf.hpp", "#include <wharf/asio/reactor.hpp>\n"), "");
    EXPECT_NE(layers("include/wharf/wharf.hpp", "#include <wharf/asio.hpp>\n"), "");
}

TEST(layers, include_of_an_earlier_or_the_own_layer_is_fine) {
    EXPECT_EQ(layers("src/pool/pool.cpp", "#include \"pool/waiter.hpp\"\n#include \"waiter.hpp\"\n"
                                          "#include <wharf/io/op.hpp>\n#include <pool/of_somebody_else.hpp>\n"),
              "");
    EXPECT_EQ(layers("src/asio/reactor.cpp", "#include <wharf/vector/vector_database.hpp>\n"), "");
    EXPECT_EQ(layers("include/wharf/asio.hpp", "#include <wharf/asio/reactor.hpp>\n"), "");
    EXPECT_EQ(layers("tests/unit/pool/pool_test.cpp", "#include \"support/postgres_server.hpp\"\n"), "");
    EXPECT_EQ(layers("examples/endpoint.cpp", "#include <wharf/asio.hpp>\n#include <boost/beast.hpp>\n"), "");
    EXPECT_EQ(layers("src/io/loop.cpp", "// #include <wharf/pool/pool.hpp>\n"), "");
}

TEST(layers, boost_outside_asio_is_found) {
    EXPECT_NE(layers("src/pool/pool.cpp", "#include <boost/asio.hpp>\n"), "");
    EXPECT_NE(layers("include/wharf/wharf.hpp", "#include <boost/asio.hpp>\n"), "");
    EXPECT_EQ(layers("include/wharf/asio/reactor.hpp", "#include <boost/asio.hpp>\n"), "");
}

TEST(layers, a_foreign_header_in_a_public_one_is_found) {
    EXPECT_NE(layers("include/wharf/sqlite/connection.hpp", "#include <sqlite3.h>\n"), "");
    EXPECT_NE(layers("include/wharf/io/tls.hpp", "#include <openssl/ssl.h>\n"), "");
    EXPECT_EQ(layers("src/sqlite/connection.cpp", "#include <sqlite3.h>\n"), "");
}

TEST(length, above_500_lines_is_found) {
    EXPECT_TRUE(check_length("src/io/loop.cpp", std::string(500, '\n')).empty());
    EXPECT_FALSE(check_length("src/io/loop.cpp", std::string(501, '\n')).empty());
    EXPECT_TRUE(check_length("tests/unit/io/loop_test.cpp", std::string(501, '\n')).empty());
}

std::string awaiting(std::string_view body, std::string_view first = "int n = 0;") {
    const std::string source = "op<int> run(int a) {" + std::string(first) + "\n" + std::string(body) + "\n}\n";
    const auto found = check_co_await("src/io/loop.cpp", source);
    return found.empty() ? "" : std::to_string(found.front().line) + ": " + found.front().text;
}

TEST(co_await_rule, braces_in_its_expression_are_found) {
    const std::string braces = "2: co_await in an expression with braces";
    EXPECT_EQ(awaiting("co_await read({.size = 4});"), braces);
    EXPECT_EQ(awaiting("auto n = co_await read(options{.size = 4});"), braces);
    EXPECT_EQ(awaiting("const int n{co_await read()};"), braces);
    EXPECT_EQ(awaiting("f(pair{1, 2}, co_await read());"), braces);
    EXPECT_EQ(awaiting("x = list{1, 2}[0] + co_await read();"), braces);
    EXPECT_EQ(awaiting("co_await spawn([&] { return 1; });"), braces);
    EXPECT_EQ(awaiting("co_await spawn([a](int b) -> op<int> { co_return a + b; });"), braces);
    EXPECT_EQ(awaiting("co_return co_await read(std::span<int>{a, 2});"), braces);
    EXPECT_EQ(awaiting("if (co_await read(size{4})) {}"), braces);
    EXPECT_EQ(awaiting("while (size{1} == co_await read()) {}"), braces);
    EXPECT_EQ(awaiting("for (auto x : co_await read({1, 2})) {}"), braces);
    EXPECT_EQ(awaiting("(co_await read()).then({});"), braces);
    EXPECT_EQ(awaiting("g(h((co_await read()), i({})));"), braces);
    EXPECT_EQ(awaiting("case 1: co_await read({1});"), braces);
    EXPECT_EQ(awaiting("return new int[2]{1, co_await read()};"), braces);
}

TEST(co_await_rule, a_conditional_operator_in_its_expression_is_found) {
    const std::string conditional = "2: co_await in an expression with ?:";
    EXPECT_EQ(awaiting("auto n = a ? co_await read() : 0;"), conditional);
    EXPECT_EQ(awaiting("auto n = co_await read() ? 1 : 0;"), conditional);
    EXPECT_EQ(awaiting("co_await read(a ? 1 : 2);"), conditional);
    EXPECT_EQ(awaiting("f(a ? 1 : 2, co_await read());"), conditional);
}

TEST(co_await_rule, awaiting_in_a_handler_is_found) {
    EXPECT_EQ(awaiting("try { f(); } catch (...) { if (a) { co_await read(); } }"), "2: co_await in a handler");
    EXPECT_EQ(awaiting("try { f(); } catch (...) { g(); } co_await read();"), "");
    EXPECT_EQ(awaiting("try { co_await read(); } catch (const error& e) { g(); }"), "");
}

TEST(co_await_rule, a_condition_in_a_coroutine_without_a_variable_is_found) {
    const auto bare = [](std::string_view body) { return awaiting(body, ""); };
    const std::string found = "2: co_await in a condition, in a coroutine without a variable";
    EXPECT_EQ(bare("if (!co_await read()) co_return 1; co_return 2;"), found);
    EXPECT_EQ(bare("while (co_await read()) f();"), found);
    EXPECT_EQ(bare("do { f(); } while (co_await read());"), found);
    EXPECT_EQ(bare("switch (a) { case 1: if (co_await read(b)) { f(); } break; default: g(); }"), found);
    EXPECT_EQ(bare("try { if (co_await read()) x = y; } catch (const error& e) { a::b(c<d>()); }"), found);
    EXPECT_EQ(bare("if (co_await read()) f(); std::string name = g();"), "");
    EXPECT_EQ(bare("if (co_await read()) { const int b = g(); }"), "");
    EXPECT_EQ(bare("std::vector<int> b; if (co_await read()) f();"), "");
    EXPECT_EQ(bare("if (bool b = c; co_await read(b)) f();"), "");
    EXPECT_EQ(bare("for (auto& b : c) if (co_await read(b)) f();"), "");
    EXPECT_EQ(bare("guard one(mutex); if (co_await read()) f();"), "");
    EXPECT_EQ(bare("if (a) co_await read();"), "");
}

TEST(co_await_rule, braces_of_blocks_around_it_are_not_its_own) {
    EXPECT_EQ(awaiting("co_await read();"), "");
    EXPECT_EQ(awaiting("if (a) { co_await read(); } else { co_await read(); }"), "");
    EXPECT_EQ(awaiting("if (a) { f(); } co_await read();"), "");
    EXPECT_EQ(awaiting("if (co_await read()) { f({1}); } else if (a ? 1 : 2) co_await read();"), "");
    EXPECT_EQ(awaiting("for (int i{0}; i < co_await read(); i += step{1}) { f(); }"), "");
    EXPECT_EQ(awaiting("for (const auto& x : list{1, 2}) co_await read(x);"), "");
    EXPECT_EQ(awaiting("for (const auto& x : co_await read()) { f({x}); }"), "");
    EXPECT_EQ(awaiting("while (co_await retry.next()) try { co_await read(); } catch (const error& e) { f({}); }"), "");
    EXPECT_EQ(awaiting("switch (a) { case 1: { co_await read(); } default: co_await read(); }"), "");
    EXPECT_EQ(awaiting("do { f({}); } while (co_await read());"), "");
    EXPECT_EQ(awaiting("{ f(); } (co_await read()).f();"), "");
    EXPECT_EQ(awaiting("options o{.size = 4}; co_await read(o); f({});"), "");
    EXPECT_EQ(awaiting("auto b = [](int c) -> op<void> { co_await read(c); };"), "");
    EXPECT_EQ(awaiting("auto b = []<typename T>(T c) mutable { co_await read(c); };"), "");
    EXPECT_EQ(awaiting("auto b = []() -> io::op<std::vector<int>> { co_return co_await read(); };"), "");
    EXPECT_EQ(awaiting("run([&]() -> op<void> { co_await read(); }());"), "");
    EXPECT_EQ(awaiting("struct local { op<int> f() const noexcept { co_return co_await read(); } };"), "");
    EXPECT_EQ(awaiting("f(\"{?:\", '{'); co_await read(\"{}\", R\"x({?)x\", 1'000); // {}?"), "");
    EXPECT_EQ(awaiting("if constexpr (a) { co_await read(); }"), "");
    EXPECT_EQ(awaiting("try { f(); } catch (...) { e = g(); } if (e) co_await read();"), "");
}

TEST(co_await_rule, heads_of_functions_are_told_from_initializers) {
    EXPECT_TRUE(
        check_co_await("", "namespace a::b { struct s : t<int> { op<int> f() override { co_await g(); } }; }").empty());
    EXPECT_TRUE(check_co_await("", "auto f() -> op<int> { co_await g(); }").empty());
    EXPECT_TRUE(check_co_await("", "template <typename T> requires c<T> op<T> f() { co_await g(); }").empty());
    EXPECT_TRUE(check_co_await("", "template <typename T> op<T> f() requires c<T> && d<T> { co_await g(); }").empty());
    EXPECT_TRUE(check_co_await("", "op<int> f(options o = {}) noexcept(true) { co_await g(); }").empty());
    EXPECT_TRUE(check_co_await("", "auto operator co_await() && { return awaiter{1}; }").empty());
}

} // namespace
} // namespace wharf::checks
