// A connection pool: connections are opened ahead, lent, given back and lent again.
//
//   pool [URL]        default: sqlite:///pool_example.db
#include <wharf/wharf.hpp>

#include <cstdint>
#include <iostream>
#include <string>

namespace {

void handle_request(wharf::pool& pool, std::int64_t number, const std::string& name) {
    auto connection = pool.acquire();
    connection.execute("INSERT INTO visitors (id, name) VALUES ($1, $2)", number, name);
    for (const auto& [id, visitor] :
         connection.query<std::int64_t, std::string>("SELECT id, name FROM visitors ORDER BY id")) {
        std::cout << "  " << id << ' ' << visitor << '\n';
    }
} // the connection goes back to the pool here

} // namespace

int main(int argc, char** argv) {
    try {
        wharf::pool pool{argc > 1 ? argv[1] : "sqlite:///pool_example.db", {.min_size = 2, .max_size = 10}};
        pool.open();
        std::cout << "open before the first request: " << pool.stats().total() << '\n';

        pool.acquire().execute("DROP TABLE IF EXISTS visitors");
        pool.acquire().execute("CREATE TABLE visitors (id INTEGER PRIMARY KEY, name TEXT NOT NULL)");

        std::cout << "first request\n";
        handle_request(pool, 1, "Ada");
        std::cout << "second request\n";
        handle_request(pool, 2, "Grace");

        const auto stats = pool.stats();
        std::cout << "acquired " << stats.acquired << " times, connections opened: " << stats.opened << '\n';
    } catch (const wharf::error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
