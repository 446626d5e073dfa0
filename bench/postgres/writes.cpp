// Rows 8 and 9: a hundred thousand rows into a table, by COPY and by INSERT.
#include "borrowed.hpp"
#include "rows.hpp"

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

namespace bench {
namespace {

constexpr const char* copy_sql = "COPY target FROM STDIN (FORMAT binary)";
constexpr const char* unnest_sql = "INSERT INTO target SELECT * FROM unnest($1::int8[], $2::float8[], $3::text[], "
                                   "$4::timestamptz[])";
constexpr const char* insert_sql = "INSERT INTO target VALUES ($1, $2, $3, $4)";

std::vector<measurement> make_rows(std::uint64_t count) {
    std::vector<measurement> rows;
    rows.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i)
        rows.push_back({static_cast<std::int64_t>(i), static_cast<double>(i) * 0.5, "measurement " + std::to_string(i),
                        time(std::chrono::microseconds(1'767'225'600'000'000 + static_cast<std::int64_t>(i) * 1000))});
    return rows;
}

std::int64_t bits_of(double value) {
    std::int64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

std::int64_t wire_of(time value) {
    return value.time_since_epoch().count() - postgres_epoch;
}

// The four values of a row, each with its length in front: as COPY and Bind want them.
void append_values(message_bytes& out, const measurement& row) {
    limit_append_int32(out.get(), 8);
    limit_append_int64(out.get(), row.id);
    limit_append_int32(out.get(), 8);
    limit_append_int64(out.get(), bits_of(row.value));
    limit_append_int32(out.get(), static_cast<std::int32_t>(row.label.size()));
    limit_append(out.get(), row.label.data(), row.label.size());
    limit_append_int32(out.get(), 8);
    limit_append_int64(out.get(), wire_of(row.taken));
}

constexpr std::string_view copy_header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

void append_copy_row(message_bytes& out, const measurement& row) {
    limit_append_int16(out.get(), 4);
    append_values(out, row);
}

/// Adds an array parameter of `count` elements; write(i) appends the length and bytes of one.
template <class Write>
void append_array(message_bytes& out, std::int32_t element, std::size_t count, const Write& write) {
    const std::size_t length_at = out.size();
    limit_append_int32(out.get(), 0);
    limit_append_int32(out.get(), 1); // dimension
    limit_append_int32(out.get(), 0); // no NULLs
    limit_append_int32(out.get(), element);
    limit_append_int32(out.get(), static_cast<std::int32_t>(count));
    limit_append_int32(out.get(), 1); // lower bound
    for (std::size_t i = 0; i < count; ++i)
        write(i);
    const std::uint32_t length = __builtin_bswap32(static_cast<std::uint32_t>(out.size() - length_at - 4));
    std::memcpy(out.data() + length_at, &length, sizeof length);
}

void append_arrays(message_bytes& out, const std::vector<measurement>& rows) {
    const auto eight = [&](std::int64_t value) {
        limit_append_int32(out.get(), 8);
        limit_append_int64(out.get(), value);
    };
    append_array(out, 20, rows.size(), [&](std::size_t i) { eight(rows[i].id); });
    append_array(out, 701, rows.size(), [&](std::size_t i) { eight(bits_of(rows[i].value)); });
    append_array(out, 25, rows.size(), [&](std::size_t i) {
        limit_append_int32(out.get(), static_cast<std::int32_t>(rows[i].label.size()));
        limit_append(out.get(), rows[i].label.data(), rows[i].label.size());
    });
    append_array(out, 1184, rows.size(), [&](std::size_t i) { eight(wire_of(rows[i].taken)); });
}

void copy_with_libpq(libpq& client, const std::vector<measurement>& rows) {
    client.expect(PQexec(client.get(), copy_sql), PGRES_COPY_IN);
    message_bytes buffer;
    limit_append(buffer.get(), copy_header.data(), copy_header.size());
    const auto send = [&] {
        if (PQputCopyData(client.get(), buffer.data(), static_cast<int>(buffer.size())) != 1) client.fail();
        buffer.clear();
    };
    for (const measurement& row : rows) {
        append_copy_row(buffer, row);
        if (buffer.size() > 60'000) send();
    }
    limit_append_int16(buffer.get(), -1);
    send();
    if (PQputCopyEnd(client.get(), nullptr) != 1) client.fail();
    client.expect(PQgetResult(client.get()), PGRES_COMMAND_OK);
    if (PQgetResult(client.get()) != nullptr) client.fail();
}

struct libpq_arrays {
    explicit libpq_arrays(const std::vector<measurement>& rows) { append_arrays(bytes, rows); }
    message_bytes bytes{};
};

void insert_arrays(libpq& client, const std::vector<measurement>& rows) {
    libpq_arrays arrays(rows);
    const char* values[4];
    int lengths[4];
    const char* at = arrays.bytes.data();
    for (int i = 0; i < 4; ++i) {
        lengths[i] = load_big_endian<std::int32_t>(at);
        values[i] = at + 4;
        at += 4 + lengths[i];
    }
    const int formats[] = {1, 1, 1, 1};
    client.expect(PQexecPrepared(client.get(), "unnest", 4, values, lengths, formats, 1), PGRES_COMMAND_OK);
}

void insert_pipelined(libpq& client, const std::vector<measurement>& rows) {
    PGconn* connection = client.get();
    const int formats[] = {1, 1, 1, 1};
    for (std::size_t first = 0; first < rows.size(); first += 1000) {
        const std::size_t last = std::min(first + 1000, rows.size());
        for (std::size_t i = first; i < last; ++i) {
            message_bytes values;
            append_values(values, rows[i]);
            const char* at = values.data();
            const char* parts[4];
            int lengths[4];
            for (int part = 0; part < 4; ++part) {
                lengths[part] = load_big_endian<std::int32_t>(at);
                parts[part] = at + 4;
                at += 4 + lengths[part];
            }
            if (PQsendQueryPrepared(connection, "insert", 4, parts, lengths, formats, 1) != 1) client.fail();
        }
        if (PQpipelineSync(connection) != 1) client.fail();
        for (std::size_t i = first; i < last; ++i) {
            client.expect(PQgetResult(connection), PGRES_COMMAND_OK);
            if (PQgetResult(connection) != nullptr) client.fail();
        }
        client.expect(PQgetResult(connection), PGRES_PIPELINE_SYNC);
    }
}

void expect(const wharf::affected& written, const std::vector<measurement>& rows) {
    if (written.rows != rows.size()) throw std::runtime_error("wharf: rows are missing");
}

} // namespace

void copied_rows(const harness& with, const server_place& where) {
    const auto rows = make_rows(with.scaled(100'000));
    limit least(where);
    message_bytes data;
    limit_query(data.get(), copy_sql);
    {
        message_bytes piece;
        limit_append(piece.get(), copy_header.data(), copy_header.size());
        for (const measurement& row : rows) {
            append_copy_row(piece, row);
            if (piece.size() > 60'000) {
                limit_copy_data(data.get(), piece.data(), piece.size());
                piece.clear();
            }
        }
        limit_append_int16(piece.get(), -1);
        limit_copy_data(data.get(), piece.data(), piece.size());
        limit_copy_done(data.get());
    }
    libpq keeper(where);
    const auto empty = [&] { keeper.query("TRUNCATE target"); };
    libpq peer(where);
    borrowed connection(where);

    row figures;
    figures.number = "8";
    figures.title = "COPY of structs in, binary";
    figures.unit = "row";
    figures.operations = rows.size();
    figures.contenders.push_back({"limit", [&] { least.exchange(data, 1); }, {least.backend()}, empty});
    figures.contenders.push_back({"libpq", [&] { copy_with_libpq(peer, rows); }, {peer.backend()}, empty});
    figures.contenders.push_back(
        {"wharf, copy_in", [&] { expect(connection->copy_in("target", rows), rows); }, {connection.backend()}, empty});
    with.run(figures);
}

void inserted_rows(const harness& with, const server_place& where) {
    const auto rows = make_rows(with.scaled(100'000));
    limit least(where);
    least.prepare("unnest", unnest_sql);
    least.prepare("insert", insert_sql);
    message_bytes unnest;
    {
        message_bytes arrays;
        append_arrays(arrays, rows);
        unnest.run("unnest", 4, arrays);
        limit_sync(unnest.get());
    }
    message_bytes inserts;
    std::int32_t groups = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        message_bytes values;
        append_values(values, rows[i]);
        inserts.run("insert", 4, values);
        if ((i + 1) % 1000 == 0 || i + 1 == rows.size()) {
            limit_sync(inserts.get());
            ++groups;
        }
    }
    libpq keeper(where);
    const auto empty = [&] { keeper.query("TRUNCATE target"); };
    libpq peer(where);
    peer.prepare("unnest", unnest_sql);
    libpq pipelined(where);
    pipelined.prepare("insert", insert_sql);
    if (PQenterPipelineMode(pipelined.get()) != 1) pipelined.fail();
    borrowed connection(where);

    row figures;
    figures.number = "9a";
    figures.title = "rows inserted by unnest of arrays";
    figures.unit = "row";
    figures.operations = rows.size();
    figures.contenders.push_back({"limit", [&] { least.exchange(unnest, 1); }, {least.backend()}, empty});
    figures.contenders.push_back({"libpq", [&] { insert_arrays(peer, rows); }, {peer.backend()}, empty});
    figures.contenders.push_back({"wharf, insert_many",
                                  [&] { expect(connection->insert_many("target", rows), rows); },
                                  {connection.backend()},
                                  empty});
    with.run(figures);

    figures.number = "9b";
    figures.title = "rows inserted one by one, a thousand for each Sync";
    figures.contenders.clear();
    figures.contenders.push_back({"limit", [&] { least.exchange(inserts, groups); }, {least.backend()}, empty});
    figures.contenders.push_back(
        {"libpq, pipeline mode", [&] { insert_pipelined(pipelined, rows); }, {pipelined.backend()}, empty});
    figures.contenders.push_back({"wharf, execute_many",
                                  [&] { expect(connection->execute_many(insert_sql, rows), rows); },
                                  {connection.backend()},
                                  empty});
    with.run(figures);
}

} // namespace bench
