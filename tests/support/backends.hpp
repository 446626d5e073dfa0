// The two backends as types, for typed tests: each has a database of its own while it lives.
//
//   template <class Backend> class session_on : public testing::Test { protected: Backend database_; };
//   TYPED_TEST_SUITE(session_on, wharf::test::backends);
#pragma once

#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wharf::test {

class on_sqlite {
public:
    [[nodiscard]] std::string url() const { return "sqlite:///" + (directory_.path() / "test.db").string(); }
    static constexpr bool is_postgres = false;

private:
    temporary_directory directory_{};
};

class on_postgres {
public:
    [[nodiscard]] std::string url() const { return database_.url(); }
    static constexpr bool is_postgres = true;

private:
    database database_{};
};

using backends = testing::Types<on_sqlite, on_postgres>;

} // namespace wharf::test
