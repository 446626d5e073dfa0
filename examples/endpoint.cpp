// An HTTP service on one event loop: POST /users creates a user, in a session of its own, on a pooled connection.
//
//   endpoint [URL]            asks itself for 200 users at once, then ends
//   endpoint URL PORT         serves 127.0.0.1:PORT until it is interrupted
//                             curl -d 'Alice' http://127.0.0.1:PORT/users
#include <wharf/asio.hpp>

#include <boost/asio.hpp>
#include <boost/beast.hpp>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace app {

struct User {
    std::int64_t id{};
    std::string name{};
};

constexpr auto wharf_mapping(wharf::type<User>) {
    return wharf::table<User>("users", wharf::primary_key<&User::id>().generated(), wharf::column<&User::name>());
}

// The endpoint itself. The transaction is rolled back unless the last line is reached.
asio::awaitable<std::int64_t> create_user(wharf::async_session_factory& make_session, std::string name) {
    auto session = make_session();
    auto transaction = session.begin();
    auto user = session.add(User{.name = std::move(name)});
    co_await transaction.commit();
    co_return user->id; // still there after the commit: expire_on_commit is false
}

} // namespace app

namespace {

using request = http::request<http::string_body>;
using response = http::response<http::string_body>;

asio::awaitable<response> answer(wharf::async_session_factory& make_session, request asked) {
    response reply;
    reply.version(asked.version());
    reply.keep_alive(asked.keep_alive());
    if (asked.method() != http::verb::post || asked.target() != "/users") {
        reply.result(http::status::not_found);
    } else if (asked.body().empty()) {
        reply.result(http::status::bad_request);
        reply.body() = "the body is the name of the user\n";
    } else {
        std::optional<std::string> failure; // no co_await in a handler, so the reply is made behind it
        try {
            const auto id = co_await app::create_user(make_session, std::move(asked.body()));
            reply.result(http::status::created);
            reply.body() = std::to_string(id) + '\n';
        } catch (const wharf::error& error) {
            failure = error.what();
        }
        if (failure) {
            std::cerr << *failure << '\n';
            reply.result(http::status::service_unavailable);
        }
    }
    reply.prepare_payload();
    co_return reply;
}

asio::awaitable<void> serve_client(tcp::socket socket, wharf::async_session_factory& make_session) {
    beast::flat_buffer buffer;
    boost::system::error_code ended;
    for (;;) {
        request asked;
        co_await http::async_read(socket, buffer, asked, asio::redirect_error(asio::use_awaitable, ended));
        if (ended) co_return; // the client has gone
        const response reply = co_await answer(make_session, std::move(asked));
        co_await http::async_write(socket, reply, asio::redirect_error(asio::use_awaitable, ended));
        if (ended || !reply.keep_alive()) co_return;
    }
}

asio::awaitable<void> serve(tcp::acceptor& acceptor, wharf::async_session_factory& make_session) {
    for (;;) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        const auto executor = socket.get_executor();
        asio::co_spawn(executor, serve_client(std::move(socket), make_session), asio::detached);
    }
}

asio::awaitable<void> ask_for_a_user(tcp::endpoint server, int number, std::set<std::int64_t>& ids) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect(server, asio::use_awaitable);
    request asked(http::verb::post, "/users", 11);
    asked.set(http::field::host, "localhost");
    asked.body() = "user " + std::to_string(number);
    asked.prepare_payload();
    co_await http::async_write(socket, asked, asio::use_awaitable);
    beast::flat_buffer buffer;
    response reply;
    co_await http::async_read(socket, buffer, reply, asio::use_awaitable);
    if (reply.result() == http::status::created) ids.insert(std::stoll(reply.body()));
}

/// Ends the process's event loop once all clients have been answered.
void ask_at_once(asio::io_context& context, const tcp::endpoint& server, int clients, std::set<std::int64_t>& ids,
                 int& left) {
    left = clients;
    for (int number = 0; number < clients; ++number) {
        asio::co_spawn(context, ask_for_a_user(server, number, ids),
                       [&context, &left](const std::exception_ptr& failure) {
                           if (failure) std::cerr << "a request failed\n";
                           if (--left == 0) context.stop();
                       });
    }
}

int run(const std::string& url, std::optional<unsigned short> port) {
    {
        wharf::engine setup{url};
        wharf::drop_tables<app::User>(setup);
        wharf::create_tables<app::User>(setup);
    }
    asio::io_context context;
    wharf::async_engine engine{context.get_executor(), url, {.pool_size = 10, .max_overflow = 20}};
    wharf::async_session_factory make_session{engine, {.expire_on_commit = false}};

    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), port.value_or(0)));
    asio::co_spawn(context, serve(acceptor, make_session), asio::detached);
    std::cout << "serving http://127.0.0.1:" << acceptor.local_endpoint().port() << "/users\n";

    constexpr int clients = 200;
    std::set<std::int64_t> ids;
    int left = 0;
    if (!port) ask_at_once(context, acceptor.local_endpoint(), clients, ids, left);
    context.run();

    const auto stats = engine.stats();
    std::cout << ids.size() << " users created by " << clients << " requests at once, over " << stats.opened
              << " connections (at most " << stats.peak_lent << " lent at a time)\n";
    return ids.size() == clients ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    try {
        std::optional<unsigned short> port;
        if (argc > 2) port = static_cast<unsigned short>(std::atoi(argv[2]));
        return run(argc > 1 ? argv[1] : "sqlite:///endpoint_example.db", port);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
