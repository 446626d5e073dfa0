// SQL as it is: into structs by the names of their members, tuples, single values, and streams of views; blocking and
// async.
//
//   raw_sql [URL]     default: sqlite:///raw_sql_example.db
#include <wharf/asio.hpp>

#include <boost/asio.hpp>

#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace asio = boost::asio;

struct Row { // no mapping: members are matched to the columns of the result by name
    std::int64_t id{};
    std::string name{};
    std::optional<double> score{};
};

void prepare(wharf::session& session) {
    session.execute("DROP TABLE IF EXISTS raw_rows");
    session.execute("CREATE TABLE raw_rows (id bigint PRIMARY KEY, name text NOT NULL, score double precision)");
    session.execute("INSERT INTO raw_rows VALUES ($1, $2, $3), ($4, $5, $6), ($7, $8, NULL)", 1, "Ann", 1.5, 6, "Bob",
                    2.25, 7, "Cleo");
    session.commit();
}

double sum(wharf::session& session) {
    double total = 0;
    for (auto& row : session.query_sql<Row>("SELECT id, name, score FROM raw_rows WHERE id > $1", 5))
        total += row.score.value_or(0);
    for (auto& [id, name] : session.query_sql<std::int64_t, std::string>("SELECT id, name FROM raw_rows ORDER BY id"))
        std::cout << id << ' ' << name << '\n';
    for (auto id : session.query_sql<std::int64_t>("SELECT id FROM raw_rows"))
        total += static_cast<double>(id);
    for (const auto& row : session.stream_sql<Row>("SELECT * FROM raw_rows"))
        total += row.score.value_or(0);
    for (const auto& [id, name] : session.stream_sql<std::int64_t, std::string_view>("SELECT id, name FROM raw_rows"))
        total += static_cast<double>(name.size()); // the view lasts until the next row
    const auto changed = session.execute("UPDATE raw_rows SET score = score + 1").rows;
    session.commit();
    return total + static_cast<double>(changed);
}

asio::awaitable<double> sum(wharf::async_session& session) {
    double total = 0;
    auto rows = session.stream_sql<Row>("SELECT * FROM raw_rows");
    while (auto row = co_await rows.next())
        total += row->score.value_or(0);
    auto faster = session.stream_sql<Row>("SELECT * FROM raw_rows");
    for (auto batch = co_await faster.next_batch(); !batch.empty(); batch = co_await faster.next_batch()) {
        for (auto& row : batch) // one suspension for a batch, not for a row
            total += row.score.value_or(0);
    }
    co_return total;
}

void run(const std::string& url) {
    {
        wharf::engine engine{url};
        wharf::session session{engine};
        prepare(session);
        const double total = sum(session);
        std::cout << "blocking: " << total << '\n';
    }
    asio::io_context io;
    wharf::async_engine engine{io.get_executor(), url};
    wharf::async_session session{engine};
    std::exception_ptr failure;
    asio::co_spawn(io, sum(session), [&](std::exception_ptr error, double total) {
        failure = std::move(error);
        std::cout << "async: " << total << '\n';
    });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

} // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : "sqlite:///raw_sql_example.db");
    } catch (const wharf::error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
