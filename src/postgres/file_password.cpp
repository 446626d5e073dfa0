#include "postgres/file_password.hpp"

#include "postgres/password_file.hpp"
#include "wharf/io/waits.hpp"

#include <utility>

namespace wharf::postgres {
namespace {

struct lookup {
    password_question question;
    password_answer operator()() const { return look_up_password(question); }
};

} // namespace

io::op<std::string> add_file_password(protocol::login_options& options, const settings& where,
                                      const server_address& server) {
    if (options.password || where.password_file.empty()) co_return "";
    const std::string& database = where.database.empty() ? where.user : where.database;
    lookup job{{where.password_file, server.host, server.port, database, where.user}};
    password_answer answer = co_await io::offload(std::move(job));
    // As in libpq: an empty one is none.
    if (!answer.password || answer.password->empty()) co_return std::move(answer.problem);
    options.password = std::move(answer.password);
    co_return "the password is from the file \"" + where.password_file + "\"";
}

} // namespace wharf::postgres
