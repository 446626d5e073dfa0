// What a server says during login.
#include "scripted_server.hpp"

#include "wharf/connection/statement_observer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wharf::postgres {
namespace {

using namespace std::string_literals;

struct note_taker final : statement_observer {
    void on_notice(const diagnostic& notice) override { notes.push_back(notice.message); }
    void on_parameter_change(std::string_view name, std::string_view) override { notes.emplace_back(name); }
    std::vector<std::string> notes{};
};

TEST(observer, notices_of_login_are_kept_for_it_up_to_a_thousand_and_settings_are_no_changes) {
    scripted_server server([](scripted_peer& client) {
        client.read_startup();
        std::string said;
        for (int i = 1; i <= 1500; ++i)
            said += error_message({"SNOTICE", "C00000", "M" + std::to_string(i)}, 'N');
        client.send(said + message('R', "\0\0\0\0"s) + message('S', "client_encoding\0UTF8\0"s) +
                    message('K', "\0\0\0\1\0\0\0\2"s) + message('Z', "I"));
        client.read_to_end();
    });
    const auto connection = server.connect();
    note_taker seen;
    connection->observe(&seen);
    ASSERT_EQ(seen.notes.size(), 1000U);
    EXPECT_EQ(seen.notes.front(), "1");
    EXPECT_EQ(seen.notes.back(), "1000");
    seen.notes.clear();
    connection->observe(&seen);
    EXPECT_THAT(seen.notes, testing::IsEmpty()) << "each is told once";
}

} // namespace
} // namespace wharf::postgres
