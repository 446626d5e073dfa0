// Rows 1 and 2: one lookup by primary key at a time, on one connection, and on ten in one event loop.
#include "borrowed.hpp"
#include "lookup.hpp"
#include "rows.hpp"
#include "wharf/asio.hpp"
#include "wharf/wharf.hpp"

#include <poll.h>

#include <boost/asio.hpp>

#include <array>
#include <deque>
#include <thread>

namespace bench {
namespace {

constexpr std::size_t connections = 10;

class lookup_request {
public:
    lookup_request() : key_at_(add_lookup(bytes_)) { limit_sync(bytes_.get()); }
    message_bytes& with(std::int32_t id) {
        set_key(bytes_, key_at_, id);
        return bytes_;
    }

private:
    message_bytes bytes_{};
    std::size_t key_at_;
};

void look_up(libpq& client, std::int32_t id, std::string& name) {
    const libpq_key key(id);
    const auto found = client.expect(
        PQexecPrepared(client.get(), "lookup", 1, key.values(), key.lengths(), key.formats(), 1), PGRES_TUPLES_OK);
    read_lookup(found.get(), id, name);
}

// The limit client on several connections: one poll, and a new request for each that has answered.
void limit_on_many(std::deque<limit>& clients, std::deque<lookup_request>& requests, std::uint64_t lookups) {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::array<pollfd, connections> waits{};
    const auto send = [&](std::size_t i) {
        message_bytes& bytes = requests[i].with(lookup_id(sent++));
        limit_reset_counts(clients[i].get());
        limit::check(limit_send(clients[i].get(), bytes.data(), bytes.size()));
    };
    for (std::size_t i = 0; i < connections; ++i) {
        waits[i] = {clients[i].get()->socket, POLLIN, 0};
        send(i);
    }
    while (answered < lookups) {
        ::poll(waits.data(), waits.size(), -1);
        for (std::size_t i = 0; i < connections; ++i) {
            if (waits[i].revents == 0) continue;
            limit::check(limit_receive(clients[i].get()));
            if (clients[i].get()->ready == 0) continue;
            ++answered;
            waits[i].events = 0;
            if (sent < lookups) {
                waits[i].events = POLLIN;
                send(i);
            }
        }
    }
}

boost::asio::awaitable<void> look_up_some(wharf::async_connection& connection, std::uint64_t from,
                                          std::uint64_t count) {
    for (std::uint64_t i = from; i < from + count; ++i) {
        const auto id = lookup_id(i);
        const auto found = co_await connection.query<std::int32_t, std::string>(lookup_sql, id);
        check_lookup(found, id);
    }
}

boost::asio::awaitable<void> borrow(wharf::async_pool& pool, std::deque<wharf::async_connection>& out,
                                    std::vector<std::int32_t>& backends) {
    for (std::size_t i = 0; i < connections; ++i) {
        out.push_back(co_await pool.acquire());
        const auto pid = co_await out.back().query<std::int32_t>("SELECT pg_catalog.pg_backend_pid()");
        backends.push_back(pid[0]);
    }
}

} // namespace

void one_lookup_at_a_time(const harness& with, const server_place& where) {
    const std::uint64_t lookups = with.scaled(40'000);
    limit least(where);
    least.prepare("lookup", lookup_sql);
    lookup_request request;
    libpq peer(where);
    peer.prepare("lookup", lookup_sql);
    std::string name;
    borrowed connection(where);

    row figures;
    figures.number = "1";
    figures.title = "lookup by primary key, one connection, Unix socket, one core";
    figures.unit = "lookup";
    figures.operations = lookups;
    figures.one_core = true;
    figures.contenders.push_back({"limit",
                                  [&] {
                                      for (std::uint64_t i = 0; i < lookups; ++i)
                                          least.ask(request.with(lookup_id(i)));
                                  },
                                  {least.backend()}});
    figures.contenders.push_back({"libpq, prepared, binary",
                                  [&] {
                                      for (std::uint64_t i = 0; i < lookups; ++i)
                                          look_up(peer, lookup_id(i), name);
                                  },
                                  {peer.backend()}});
    figures.contenders.push_back({"wharf, blocking",
                                  [&] {
                                      for (std::uint64_t i = 0; i < lookups; ++i) {
                                          const auto id = lookup_id(i);
                                          check_lookup(connection->query<std::int32_t, std::string>(lookup_sql, id),
                                                       id);
                                      }
                                  },
                                  {connection.backend()}});
    with.run(figures);
}

void ten_connections(const harness& with, const server_place& where) {
    const std::uint64_t lookups = with.scaled(60'000);
    std::deque<limit> least;
    std::deque<lookup_request> requests(connections);
    std::deque<libpq> peers;
    row figures;
    figures.number = "2";
    figures.title = "the same on ten connections in one event loop";
    figures.unit = "lookup";
    figures.operations = lookups;
    figures.contenders.resize(3);
    for (std::size_t i = 0; i < connections; ++i) {
        least.emplace_back(where).prepare("lookup", lookup_sql);
        figures.contenders[0].backends.push_back(least.back().backend());
        peers.emplace_back(where).prepare("lookup", lookup_sql);
        figures.contenders[1].backends.push_back(peers.back().backend());
    }
    figures.contenders[0].name = "limit, one poll";
    figures.contenders[0].run = [&] { limit_on_many(least, requests, lookups); };
    figures.contenders[1].name = "libpq, ten threads";
    figures.contenders[1].run = [&] {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < connections; ++i)
            threads.emplace_back([&, i] {
                std::string name;
                for (std::uint64_t n = 0; n < lookups / connections; ++n)
                    look_up(peers[i], lookup_id(i * (lookups / connections) + n), name);
            });
    };

    boost::asio::io_context context(1);
    wharf::async_pool pool{context.get_executor(), where.url, {.min_size = 1, .max_size = connections}};
    std::deque<wharf::async_connection> borrowed;
    const auto run_to_end = [&](boost::asio::awaitable<void> work) {
        std::exception_ptr failure;
        boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error) { failure = error; });
        context.restart();
        context.run();
        if (failure) std::rethrow_exception(failure);
    };
    run_to_end(borrow(pool, borrowed, figures.contenders[2].backends));
    figures.contenders[2].name = "wharf, async";
    figures.contenders[2].run = [&] {
        std::exception_ptr failure;
        for (std::size_t i = 0; i < connections; ++i)
            boost::asio::co_spawn(context,
                                  look_up_some(borrowed[i], i * (lookups / connections), lookups / connections),
                                  [&](std::exception_ptr error) {
                                      if (error) failure = error;
                                  });
        context.restart();
        context.run();
        if (failure) std::rethrow_exception(failure);
    };
    with.run(figures);
}

} // namespace bench
