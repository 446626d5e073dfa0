// Rows 5 to 7: results of many rows, whole, as a stream of views, and as a vector of structs.
#include "borrowed.hpp"
#include "rows.hpp"

#include <pqxx/pqxx>

#include <chrono>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

constexpr const char* catalogue_sql =
    "SELECT typname, typnamespace, typowner, typlen, typbyval, typcategory, typispreferred, typisdefined, typdelim, "
    "typrelid, typelem, typarray FROM pg_catalog.pg_type";
constexpr const char* series_sql = "SELECT generate_series(1, 1000)";
constexpr const char* measurements_sql = "SELECT id, value, label, taken FROM measurements";

struct catalogue_row {
    std::string typname{};
    std::uint32_t typnamespace{};
    std::uint32_t typowner{};
    std::int16_t typlen{};
    bool typbyval{};
    char typcategory{};
    bool typispreferred{};
    bool typisdefined{};
    char typdelim{};
    std::uint32_t typrelid{};
    std::uint32_t typelem{};
    std::uint32_t typarray{};
};

// The cells of a row that is known to have no NULL.
class body_cells {
public:
    explicit body_cells(const char* body) : at_(body + 2) {}
    template <class Integer>
    Integer number() {
        return load_big_endian<Integer>(next().data());
    }
    bool flag() { return next().front() != 0; }
    char character() { return next().front(); }
    std::string_view next() {
        const auto length = static_cast<std::size_t>(load_big_endian<std::int32_t>(at_));
        const std::string_view cell(at_ + 4, length);
        at_ += 4 + length;
        return cell;
    }

private:
    const char* at_;
};

// A statement that the limit client runs again and again, everything in binary.
class limit_query_run {
public:
    limit_query_run(const server_place& where, const char* sql) : client_(where) {
        client_.prepare("q", sql);
        request_.run("q", 0, message_bytes());
        limit_sync(request_.get());
    }
    void run(std::uint64_t rows) {
        client_.ask(request_);
        client_.expect_rows(rows);
    }
    /// The same; `take(row's cells, into)` is called for each row as it comes.
    template <class Rows>
    void run(std::uint64_t rows, void (*take)(body_cells, Rows&)) {
        std::pair into(Rows(), take);
        into.first.reserve(rows);
        client_.get()->context = &into;
        client_.get()->on_row = [](void* context, const char* body) {
            auto& [found, decode] = *static_cast<decltype(into)*>(context);
            decode(body_cells(body), found);
        };
        run(rows);
        client_.get()->on_row = nullptr;
        if (into.first.size() != rows) throw std::runtime_error("limit client: not every row was decoded");
    }
    [[nodiscard]] std::int32_t backend() const noexcept { return client_.backend(); }

private:
    limit client_;
    message_bytes request_{};
};

libpq::result run_prepared(libpq& client) {
    return client.expect(PQexecPrepared(client.get(), "q", 0, nullptr, nullptr, nullptr, 1), PGRES_TUPLES_OK);
}

double load_double(const char* at) {
    const auto bits = load_big_endian<std::uint64_t>(at);
    double value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

void read_measurement(const PGresult* from, int row, measurement& out) {
    out.id = load_big_endian<std::int64_t>(PQgetvalue(from, row, 0));
    out.value = load_double(PQgetvalue(from, row, 1));
    out.label.assign(PQgetvalue(from, row, 2), static_cast<std::size_t>(PQgetlength(from, row, 2)));
    out.taken =
        time(std::chrono::microseconds(load_big_endian<std::int64_t>(PQgetvalue(from, row, 3)) + postgres_epoch));
}

catalogue_row read_catalogue_row(const PGresult* from, int row) {
    const auto oid = [&](int column) { return load_big_endian<std::uint32_t>(PQgetvalue(from, row, column)); };
    const auto flag = [&](int column) { return *PQgetvalue(from, row, column) != 0; };
    return {PQgetvalue(from, row, 0),
            oid(1),
            oid(2),
            load_big_endian<std::int16_t>(PQgetvalue(from, row, 3)),
            flag(4),
            *PQgetvalue(from, row, 5),
            flag(6),
            flag(7),
            *PQgetvalue(from, row, 8),
            oid(9),
            oid(10),
            oid(11)};
}

catalogue_row read_catalogue_row(body_cells cells) {
    catalogue_row out;
    out.typname = cells.next();
    out.typnamespace = cells.number<std::uint32_t>();
    out.typowner = cells.number<std::uint32_t>();
    out.typlen = cells.number<std::int16_t>();
    out.typbyval = cells.flag();
    out.typcategory = cells.character();
    out.typispreferred = cells.flag();
    out.typisdefined = cells.flag();
    out.typdelim = cells.character();
    out.typrelid = cells.number<std::uint32_t>();
    out.typelem = cells.number<std::uint32_t>();
    out.typarray = cells.number<std::uint32_t>();
    return out;
}

[[noreturn]] void fail(const char* what) {
    throw std::runtime_error(std::string(what) + ": another number of rows than expected");
}

std::uint64_t count_rows(const server_place& where, const char* sql) {
    libpq client(where);
    client.prepare("q", sql);
    return static_cast<std::uint64_t>(PQntuples(run_prepared(client).get()));
}

// One of the two small results: `times` runs a round, whole results each.
template <class Rows, class WithLibpq, class WithWharf>
void small_result(const harness& with, const server_place& where, const char* number, const char* title,
                  const char* sql, std::uint64_t times, void (*with_limit)(body_cells, Rows&),
                  const WithLibpq& with_libpq, const WithWharf& with_wharf) {
    const std::uint64_t rows = count_rows(where, sql);
    limit_query_run least(where, sql);
    libpq peer(where);
    peer.prepare("q", sql);
    borrowed connection(where);

    row figures;
    figures.number = number;
    figures.title = title;
    figures.unit = "row";
    figures.operations = times * rows;
    const auto repeat = [times](auto work) {
        return [times, work] {
            for (std::uint64_t i = 0; i < times; ++i)
                work();
        };
    };
    figures.contenders.push_back({"limit", repeat([&, rows] { least.run(rows); }), {least.backend()}});
    figures.contenders.push_back(
        {"limit, decoded", repeat([&, rows] { least.run(rows, with_limit); }), {least.backend()}});
    figures.contenders.push_back({"libpq, decoded",
                                  repeat([&, rows] {
                                      if (with_libpq(run_prepared(peer).get()) != rows) fail("libpq");
                                  }),
                                  {peer.backend()}});
    figures.contenders.push_back({"wharf, decoded",
                                  repeat([&, rows] {
                                      if (with_wharf(*connection) != rows) fail("wharf");
                                  }),
                                  {connection.backend()}});
    with.run(figures);
}

} // namespace

void small_results(const harness& with, const server_place& where) {
    small_result(
        with, where, "5a", "catalogue rows: 12 columns of pg_type into structs", catalogue_sql, with.scaled(1000),
        +[](body_cells cells, std::vector<catalogue_row>& out) { out.push_back(read_catalogue_row(cells)); },
        [](const PGresult* found) {
            std::vector<catalogue_row> rows;
            rows.reserve(static_cast<std::size_t>(PQntuples(found)));
            for (int i = 0; i < PQntuples(found); ++i)
                rows.push_back(read_catalogue_row(found, i));
            return rows.size();
        },
        [](wharf::connection& connection) { return connection.query<catalogue_row>(catalogue_sql).size(); });
    small_result(
        with, where, "5b", "generate_series(1, 1000) into integers", series_sql, with.scaled(2000),
        +[](body_cells cells, std::vector<std::int32_t>& out) { out.push_back(cells.number<std::int32_t>()); },
        [](const PGresult* found) {
            std::vector<std::int32_t> rows;
            rows.reserve(static_cast<std::size_t>(PQntuples(found)));
            for (int i = 0; i < PQntuples(found); ++i)
                rows.push_back(load_big_endian<std::int32_t>(PQgetvalue(found, i, 0)));
            return rows.size();
        },
        [](wharf::connection& connection) { return connection.query<std::int32_t>(series_sql).size(); });
}

void streamed_rows(const harness& with, const server_place& where) {
    const std::uint64_t rows = count_rows(where, measurements_sql);
    limit_query_run least(where, measurements_sql);
    libpq peer(where);
    peer.prepare("q", measurements_sql);
    borrowed connection(where);
    double total = 0;
    std::size_t characters = 0;

    row figures;
    figures.number = "6";
    figures.title = "rows of four columns streamed as views";
    figures.unit = "row";
    figures.operations = rows;
    figures.contenders.push_back({"limit", [&] { least.run(rows); }, {least.backend()}});
    figures.contenders.push_back({"libpq, single-row mode",
                                  [&] {
                                      if (PQsendQueryPrepared(peer.get(), "q", 0, nullptr, nullptr, nullptr, 1) != 1 ||
                                          PQsetSingleRowMode(peer.get()) != 1)
                                          peer.fail();
                                      std::uint64_t seen = 0;
                                      while (const libpq::result found{PQgetResult(peer.get()), PQclear}) {
                                          if (PQresultStatus(found.get()) != PGRES_SINGLE_TUPLE) continue;
                                          ++seen;
                                          total += load_double(PQgetvalue(found.get(), 0, 1));
                                          characters += static_cast<std::size_t>(PQgetlength(found.get(), 0, 2));
                                      }
                                      if (seen != rows) fail("libpq");
                                  },
                                  {peer.backend()}});
    figures.contenders.push_back(
        {"wharf, stream of views",
         [&] {
             std::uint64_t seen = 0;
             for (const auto& [id, value, label, taken] :
                  connection->stream<std::int64_t, double, std::string_view, time>(measurements_sql)) {
                 ++seen;
                 total += value;
                 characters += label.size();
             }
             if (seen != rows) fail("wharf");
         },
         {connection.backend()}});
    with.run(figures);
    if (total == 0 || characters == 0) fail("a stream");
}

namespace {

// libpqxx reads text, and has no type for timestamps.
struct text_measurement {
    std::int64_t id{};
    double value{};
    std::string label{};
    std::string taken{};
};

std::vector<text_measurement> collect_by_libpqxx(pqxx::connection& connection) {
    pqxx::nontransaction work(connection);
    const pqxx::result found = work.exec_prepared("q");
    std::vector<text_measurement> all;
    all.reserve(found.size());
    for (const auto& row : found)
        all.push_back({row[0].as<std::int64_t>(), row[1].as<double>(), row[2].as<std::string>(), row[3].c_str()});
    return all;
}

} // namespace

void collected_rows(const harness& with, const server_place& where) {
    const std::uint64_t rows = count_rows(where, measurements_sql);
    limit_query_run least(where, measurements_sql);
    libpq peer(where);
    peer.prepare("q", measurements_sql);
    pqxx::connection rival(where.url);
    rival.prepare("q", measurements_sql);
    borrowed connection(where);

    row figures;
    figures.number = "7";
    figures.title = "rows of four columns into a vector of structs";
    figures.unit = "row";
    figures.operations = rows;
    figures.contenders.push_back({"limit", [&] { least.run(rows); }, {least.backend()}});
    figures.contenders.push_back({"libpq, decoded",
                                  [&] {
                                      const auto found = run_prepared(peer);
                                      std::vector<measurement> all(static_cast<std::size_t>(PQntuples(found.get())));
                                      for (std::size_t i = 0; i < all.size(); ++i)
                                          read_measurement(found.get(), static_cast<int>(i), all[i]);
                                      if (all.size() != rows) fail("libpq");
                                  },
                                  {peer.backend()}});
    figures.contenders.push_back({"libpqxx, its time as text",
                                  [&] {
                                      if (collect_by_libpqxx(rival).size() != rows) fail("libpqxx");
                                  },
                                  {rival.backendpid()}});
    figures.contenders.push_back({"wharf, decoded",
                                  [&] {
                                      if (connection->query<measurement>(measurements_sql).size() != rows)
                                          fail("wharf");
                                  },
                                  {connection.backend()}});
    with.run(figures);
}

} // namespace bench
