// Rows 3 and 4: a hundred lookups on their way at once, with one Sync for all of them, and with a Sync each.
#include "borrowed.hpp"
#include "lookup.hpp"
#include "rows.hpp"

#include <vector>

namespace bench {
namespace {

constexpr std::uint64_t at_once = 100;

enum class syncs { one, each };

// The same bytes again and again, with other keys.
class limit_pipeline {
public:
    explicit limit_pipeline(syncs how) : ready_(how == syncs::each ? at_once : 1) {
        for (std::uint64_t i = 0; i < at_once; ++i) {
            key_at_.push_back(add_lookup(bytes_));
            if (how == syncs::each || i + 1 == at_once) limit_sync(bytes_.get());
        }
    }
    void run(limit& client, std::uint64_t first) {
        for (std::uint64_t i = 0; i < at_once; ++i)
            set_key(bytes_, key_at_[i], lookup_id(first + i));
        client.exchange(bytes_, static_cast<std::int32_t>(ready_));
        client.expect_rows(at_once);
    }

private:
    std::uint64_t ready_;
    message_bytes bytes_{};
    std::vector<std::size_t> key_at_{};
};

void require(int outcome, libpq& client) {
    if (outcome != 1) client.fail();
}

void run_libpq(libpq& client, syncs how, std::uint64_t first, std::string& name) {
    PGconn* connection = client.get();
    for (std::uint64_t i = 0; i < at_once; ++i) {
        const libpq_key key(lookup_id(first + i));
        require(PQsendQueryPrepared(connection, "lookup", 1, key.values(), key.lengths(), key.formats(), 1), client);
        if (how == syncs::each || i + 1 == at_once) require(PQpipelineSync(connection), client);
    }
    const auto expect_sync = [&] { client.expect(PQgetResult(connection), PGRES_PIPELINE_SYNC); };
    for (std::uint64_t i = 0; i < at_once; ++i) {
        const auto found = client.expect(PQgetResult(connection), PGRES_TUPLES_OK);
        read_lookup(found.get(), lookup_id(first + i), name);
        if (PQgetResult(connection) != nullptr) client.fail();
        if (how == syncs::each) expect_sync();
    }
    if (how == syncs::one) expect_sync();
}

void run_wharf(wharf::connection& connection, syncs how, std::uint64_t first) {
    using lookup = wharf::pipelined<std::int32_t, std::string>;
    wharf::pipeline batch;
    std::vector<lookup> lookups;
    lookups.reserve(at_once);
    for (std::uint64_t i = 0; i < at_once; ++i) {
        lookups.push_back(batch.query<std::int32_t, std::string>(lookup_sql, lookup_id(first + i)));
        if (how == syncs::each) batch.sync();
    }
    connection.run(batch);
    for (std::uint64_t i = 0; i < at_once; ++i)
        check_lookup(lookups[i].rows(), lookup_id(first + i));
}

void measure(const harness& with, const server_place& where, syncs how, const char* number, const char* title) {
    const std::uint64_t batches = with.scaled(2'000);
    limit least(where);
    least.prepare("lookup", lookup_sql);
    limit_pipeline request(how);
    libpq peer(where);
    peer.prepare("lookup", lookup_sql);
    require(PQenterPipelineMode(peer.get()), peer);
    std::string name;
    borrowed connection(where);

    row figures;
    figures.number = number;
    figures.title = title;
    figures.unit = "lookup";
    figures.operations = batches * at_once;
    const auto repeat = [batches](auto run_batch) {
        return [batches, run_batch] {
            for (std::uint64_t i = 0; i < batches; ++i)
                run_batch(i * at_once);
        };
    };
    figures.contenders.push_back(
        {"limit", repeat([&](std::uint64_t first) { request.run(least, first); }), {least.backend()}});
    figures.contenders.push_back({"libpq, pipeline mode",
                                  repeat([&](std::uint64_t first) { run_libpq(peer, how, first, name); }),
                                  {peer.backend()}});
    figures.contenders.push_back({"wharf, pipeline",
                                  repeat([&](std::uint64_t first) { run_wharf(*connection, how, first); }),
                                  {connection.backend()}});
    with.run(figures);
}

} // namespace

void pipelined_lookups(const harness& with, const server_place& where) {
    measure(with, where, syncs::one, "3", "a hundred lookups for each Sync");
}

void pipelined_lookups_with_sync(const harness& with, const server_place& where) {
    measure(with, where, syncs::each, "4", "a hundred lookups on their way at once, a Sync each");
}

} // namespace bench
