// The PostgreSQL driver beside the limit client and libpq, on one throw-away server in one run.
//
//   postgres_bench [--quick] [--rows 1,2,...] [--rounds N] [--json FILE]
#include "rows.hpp"
#include "support/throwaway_postgres/throwaway_postgres.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace {

struct known_row {
    int number;
    void (*measure)(const bench::harness&, const bench::server_place&);
};

constexpr std::array<known_row, 9> known_rows{{
    {1, &bench::one_lookup_at_a_time},
    {2, &bench::ten_connections},
    {3, &bench::pipelined_lookups},
    {4, &bench::pipelined_lookups_with_sync},
    {5, &bench::small_results},
    {6, &bench::streamed_rows},
    {7, &bench::collected_rows},
    {8, &bench::copied_rows},
    {9, &bench::inserted_rows},
}};

void print_versions(const bench::server_place& where) {
    bench::libpq client(where);
    const auto version = client.expect(PQexec(client.get(), "SELECT version()"), PGRES_TUPLES_OK);
    std::printf("%s\nlibpq %d; compiled by %s\n", PQgetvalue(version.get(), 0, 0), PQlibVersion(), __VERSION__);
}

} // namespace

int main(int argc, char** argv) {
    bench::options how;
    std::vector<int> wanted;
    std::string json;
    CLI::App app{"The PostgreSQL driver beside a client that does the least possible, and libpq."};
    app.add_flag("--quick", how.quick, "a tenth of the work");
    app.add_option("--rows", wanted, "the rows to measure, as 1,2,5; all otherwise")
        ->delimiter(',')
        ->check(CLI::Range(1, 9));
    app.add_option("--rounds", how.rounds, "counted rounds; medians are of these")->check(CLI::Range(1, 1000));
    app.add_option("--json", json, "writes one JSON object a row and client to this file");
    CLI11_PARSE(app, argc, argv);
    try {
        if (!json.empty() && (how.json = std::fopen(json.c_str(), "w")) == nullptr)
            throw std::runtime_error("cannot write to " + json);
        const wharf::support::throwaway_postgres server("fsync = off\nshared_buffers = 512MB\nautovacuum = off\n"
                                                        "max_wal_size = 4GB\n");
        const auto& address = server.address();
        const bench::server_place where{address.socket_directory + "/.s.PGSQL." + address.port, server.socket_url(),
                                        address.user, "wharf_test"};
        print_versions(where);
        bench::prepare_tables(where, how.quick);
        const bench::harness with(how);
        for (const known_row& row : known_rows)
            if (wanted.empty() || std::ranges::find(wanted, row.number) != wanted.end()) row.measure(with, where);
        if (how.json != nullptr) std::fclose(how.json);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "postgres_bench: %s\n", error.what());
        return 1;
    }
}
