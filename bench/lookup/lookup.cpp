// What a primary-key lookup costs its client: wharf beside libpq, in one run, on one throw-away server, one connection
// each over a Unix socket. Prints throughput and the client's own CPU time; medians of interleaved rounds.
//
//   build/bench/bench/lookup_bench [lookups per round] [rounds]
#include "support/throwaway_postgres/throwaway_postgres.hpp"
#include "wharf/pool/pool.hpp"

#include <libpq-fe.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr std::int32_t rows_in_table = 100'000;
constexpr const char* lookup_sql = "SELECT id, name FROM people WHERE id = $1";

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& span) {
        return static_cast<double>(span.tv_sec) + static_cast<double>(span.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct figures {
    double per_second;
    double cpu_microseconds;
};

figures measure(std::size_t lookups, const std::function<void(std::int32_t)>& look_up) {
    std::mt19937 random(1);
    std::uniform_int_distribution<std::int32_t> any(1, rows_in_table);
    const auto cpu = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < lookups; ++i)
        look_up(any(random));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const auto count = static_cast<double>(lookups);
    return {count / took.count(), (cpu_seconds() - cpu) / count * 1e6};
}

/// libpq as its documentation would have it done well: prepared once, binary both ways.
class libpq_client {
public:
    explicit libpq_client(const std::string& url) : connection_(PQconnectdb(url.c_str()), PQfinish) {
        if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
        const result prepared(PQprepare(connection_.get(), "lookup", lookup_sql, 0, nullptr), PQclear);
        if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) throw std::runtime_error("libpq could not prepare");
    }
    void look_up(std::int32_t id) {
        const std::uint32_t wire = __builtin_bswap32(static_cast<std::uint32_t>(id));
        const char* values[] = {reinterpret_cast<const char*>(&wire)};
        const int lengths[] = {sizeof wire};
        const int formats[] = {1};
        const result found(PQexecPrepared(connection_.get(), "lookup", 1, values, lengths, formats, 1), PQclear);
        if (PQntuples(found.get()) != 1) throw std::runtime_error("libpq found no row");
        name_.assign(PQgetvalue(found.get(), 0, 1), static_cast<std::size_t>(PQgetlength(found.get(), 0, 1)));
    }

private:
    using result = std::unique_ptr<PGresult, decltype(&PQclear)>;
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
    std::string name_{};
};

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

struct client {
    const char* name;
    std::function<void(std::int32_t)> look_up;
    std::vector<double> per_second{};
    std::vector<double> cpu{};
};

void report(const std::vector<client>& clients) {
    const double reference = median(clients.front().cpu);
    std::printf("%-34s %12s %22s %10s\n", "primary-key lookup", "lookups/s", "client CPU us/lookup", "of libpq");
    for (const auto& one : clients) {
        const double cpu = median(one.cpu);
        std::printf("%-34s %12.0f %22.2f %10.2f\n", one.name, median(one.per_second), cpu, cpu / reference);
    }
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t lookups = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 40'000;
    const std::size_t rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 7;
    try {
        const wharf::support::throwaway_postgres server;
        const auto url = server.socket_url();
        wharf::pool pool{url, {.min_size = 1, .max_size = 1}};
        {
            auto setup = pool.acquire();
            setup.execute("CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL)");
            setup.execute("INSERT INTO people SELECT n, 'person ' || n FROM generate_series(1, 100000) n");
            setup.execute("ANALYZE people");
        }
        libpq_client libpq(url);
        auto held = pool.acquire();
        const auto by_connection = [](auto& connection, std::int32_t id) {
            const auto found = connection.template query<std::int32_t, std::string>(lookup_sql, id);
            if (found.size() != 1) throw std::runtime_error("wharf found no row");
        };
        std::vector<client> clients;
        clients.push_back({"libpq, prepared, binary", [&](std::int32_t id) { libpq.look_up(id); }});
        clients.push_back({"wharf, a held connection", [&](std::int32_t id) { by_connection(held, id); }});

        wharf::pool shared{url, {.min_size = 1, .max_size = 1}};
        clients.push_back({"wharf, acquired each time", [&](std::int32_t id) {
                               auto connection = shared.acquire();
                               by_connection(connection, id);
                           }});
        wharf::pool plain{url, {.min_size = 1, .max_size = 1, .reset = wharf::pool_reset::none}};
        clients.push_back({"wharf, acquired, without reset", [&](std::int32_t id) {
                               auto connection = plain.acquire();
                               by_connection(connection, id);
                           }});
        for (auto& one : clients)
            (void)measure(1000, one.look_up);
        for (std::size_t round = 0; round < rounds; ++round) {
            for (auto& one : clients) {
                const auto found = measure(lookups, one.look_up);
                one.per_second.push_back(found.per_second);
                one.cpu.push_back(found.cpu_microseconds);
            }
        }
        std::printf("%zu lookups a round, %zu rounds, medians; one connection over a Unix socket; libpq %d\n", lookups,
                    rounds, PQlibVersion());
        report(clients);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "lookup: %s\n", error.what());
        return 1;
    }
}
