// The two references as C++ objects: the limit client and libpq. Failures are exceptions.
#pragma once

#include "limit_client.h"

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

/// Where the server is: what both references need to know of it.
struct server_place {
    std::string socket_path{}; ///< of the Unix socket itself
    std::string url{};
    std::string user{};
    std::string database{};
};

/// Bytes for the limit client.
class message_bytes {
public:
    message_bytes() = default;
    message_bytes(const message_bytes&) = delete;
    message_bytes& operator=(const message_bytes&) = delete;
    ~message_bytes() { limit_free(&bytes_); }

    [[nodiscard]] limit_bytes* get() noexcept { return &bytes_; }
    [[nodiscard]] char* data() noexcept { return bytes_.data; }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size; }
    void clear() noexcept { bytes_.size = 0; }
    /// Bind, Execute.
    void run(const char* statement, std::int16_t parameter_count, const message_bytes& parameters) {
        limit_bind(&bytes_, statement, parameter_count, parameters.bytes_.data, parameters.bytes_.size);
        limit_execute(&bytes_);
    }

private:
    limit_bytes bytes_{};
};

class limit {
public:
    explicit limit(const server_place& where) {
        check(limit_connect(&connection_, where.socket_path.c_str(), where.user.c_str(), where.database.c_str()));
    }
    limit(const limit&) = delete;
    limit& operator=(const limit&) = delete;
    ~limit() { limit_close(&connection_); }

    void prepare(const char* name, const char* sql) {
        message_bytes out;
        limit_parse(out.get(), name, sql);
        limit_sync(out.get());
        exchange(out, 1);
    }
    void query(const char* sql) {
        message_bytes out;
        limit_query(out.get(), sql);
        exchange(out, 1);
    }
    /// Sends, and receives until so many ReadyForQuery messages have come.
    void exchange(message_bytes& out, std::int32_t ready) {
        limit_reset_counts(&connection_);
        check(limit_exchange(&connection_, out.data(), out.size(), ready));
    }
    /// The same for a request that fits into the socket.
    void ask(message_bytes& out) {
        limit_reset_counts(&connection_);
        check(limit_send(&connection_, out.data(), out.size()));
        check(limit_finish(&connection_, 1));
    }
    void expect_rows(std::uint64_t rows) const {
        if (connection_.rows != rows) throw std::runtime_error("limit client: another number of rows than expected");
    }
    [[nodiscard]] limit_connection* get() noexcept { return &connection_; }
    [[nodiscard]] std::int32_t backend() const noexcept { return connection_.backend_pid; }
    static void check(int outcome) {
        if (outcome != 0) throw std::runtime_error(limit_error());
    }

private:
    limit_connection connection_{};
};

class libpq {
public:
    using result = std::unique_ptr<PGresult, decltype(&PQclear)>;

    explicit libpq(const server_place& where) : connection_(PQconnectdb(where.url.c_str()), PQfinish) {
        if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
    }
    [[nodiscard]] PGconn* get() noexcept { return connection_.get(); }
    [[nodiscard]] std::int32_t backend() noexcept { return PQbackendPID(connection_.get()); }
    void prepare(const char* name, const char* sql) {
        expect(PQprepare(get(), name, sql, 0, nullptr), PGRES_COMMAND_OK);
    }
    void query(const char* sql) { expect(PQexec(get(), sql), PGRES_COMMAND_OK); }
    result expect(PGresult* got, ExecStatusType status) {
        result owned(got, PQclear);
        if (PQresultStatus(got) != status) fail();
        return owned;
    }
    [[noreturn]] void fail() { throw std::runtime_error(std::string("libpq: ") + PQerrorMessage(connection_.get())); }

private:
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

/// Reading big-endian numbers, as every user of libpq's binary results has to.
template <class Integer>
Integer load_big_endian(const char* at) {
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
        value = static_cast<Integer>((value << 8) | static_cast<unsigned char>(at[i]));
    return value;
}

} // namespace bench
