// What a server says, by libpq.
#pragma once

#include <libpq-fe.h>

#include <string>

namespace wharf::test {

/// The first value of the first row, or the error.
inline std::string first_value(const std::string& url, const char* sql) {
    PGconn* connection = ::PQconnectdb(url.c_str());
    std::string answer = ::PQerrorMessage(connection);
    if (::PQstatus(connection) == CONNECTION_OK) {
        PGresult* result = ::PQexec(connection, sql);
        answer =
            ::PQresultStatus(result) == PGRES_TUPLES_OK ? ::PQgetvalue(result, 0, 0) : ::PQerrorMessage(connection);
        ::PQclear(result);
    }
    ::PQfinish(connection);
    return answer;
}

} // namespace wharf::test
