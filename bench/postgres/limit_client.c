#define _GNU_SOURCE
#include "limit_client.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char last_error[512];

const char* limit_error(void) {
    return last_error;
}

static int fail(const char* what) {
    snprintf(last_error, sizeof last_error, "limit client: %s (%s)", what, strerror(errno));
    return -1;
}

static int32_t load_int32(const char* at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return (int32_t)ntohl(value);
}

/* ---- messages */

void limit_free(struct limit_bytes* bytes) {
    free(bytes->data);
    memset(bytes, 0, sizeof *bytes);
}

void limit_append(struct limit_bytes* out, const void* data, size_t size) {
    if (out->size + size > out->room) {
        out->room = (out->size + size) * 2 + 64;
        out->data = realloc(out->data, out->room);
        if (out->data == NULL) abort();
    }
    if (size != 0) memcpy(out->data + out->size, data, size);
    out->size += size;
}

void limit_append_int16(struct limit_bytes* out, int16_t value) {
    const uint16_t wire = htons((uint16_t)value);
    limit_append(out, &wire, sizeof wire);
}

void limit_append_int32(struct limit_bytes* out, int32_t value) {
    const uint32_t wire = htonl((uint32_t)value);
    limit_append(out, &wire, sizeof wire);
}

void limit_append_int64(struct limit_bytes* out, int64_t value) {
    const uint64_t wire = htobe64((uint64_t)value);
    limit_append(out, &wire, sizeof wire);
}

static void append_text(struct limit_bytes* out, const char* text) {
    limit_append(out, text, strlen(text) + 1);
}

static size_t open_message(struct limit_bytes* out, char type) {
    limit_append(out, &type, 1);
    limit_append_int32(out, 0);
    return out->size - 4;
}

static void close_message(struct limit_bytes* out, size_t length_at) {
    const uint32_t wire = htonl((uint32_t)(out->size - length_at));
    memcpy(out->data + length_at, &wire, sizeof wire);
}

void limit_parse(struct limit_bytes* out, const char* name, const char* sql) {
    const size_t at = open_message(out, 'P');
    append_text(out, name);
    append_text(out, sql);
    limit_append_int16(out, 0);
    close_message(out, at);
}

void limit_bind(struct limit_bytes* out, const char* name, int16_t parameter_count, const char* parameters,
                size_t size) {
    const size_t at = open_message(out, 'B');
    append_text(out, "");
    append_text(out, name);
    limit_append_int16(out, 1); /* one format for all parameters: binary */
    limit_append_int16(out, 1);
    limit_append_int16(out, parameter_count);
    limit_append(out, parameters, size);
    limit_append_int16(out, 1); /* and for all results */
    limit_append_int16(out, 1);
    close_message(out, at);
}

void limit_execute(struct limit_bytes* out) {
    const size_t at = open_message(out, 'E');
    append_text(out, "");
    limit_append_int32(out, 0);
    close_message(out, at);
}

void limit_sync(struct limit_bytes* out) {
    close_message(out, open_message(out, 'S'));
}

void limit_query(struct limit_bytes* out, const char* sql) {
    const size_t at = open_message(out, 'Q');
    append_text(out, sql);
    close_message(out, at);
}

void limit_copy_data(struct limit_bytes* out, const char* data, size_t size) {
    const size_t at = open_message(out, 'd');
    limit_append(out, data, size);
    close_message(out, at);
}

void limit_copy_done(struct limit_bytes* out) {
    close_message(out, open_message(out, 'c'));
}

/* ---- the connection */

static void note_error(const char* body, size_t size) {
    size_t at = 0;
    while (at < size && body[at] != '\0') {
        if (body[at] == 'M') {
            snprintf(last_error, sizeof last_error, "limit client: the server says: %.400s", body + at + 1);
            return;
        }
        at += 1 + strnlen(body + at + 1, size - at - 1) + 1;
    }
}

/* Walks over the complete messages in the buffer. */
static void look_at_messages(struct limit_connection* connection) {
    while (connection->end - connection->begin >= 5) {
        const char* message = connection->buffer + connection->begin;
        const size_t size = (size_t)load_int32(message + 1) + 1;
        if (connection->end - connection->begin < size) break;
        switch (message[0]) {
        case 'D':
            ++connection->rows;
            if (connection->on_row != NULL) connection->on_row(connection->context, message + 5);
            break;
        case 'Z':
            ++connection->ready;
            break;
        case 'E':
            ++connection->errors;
            note_error(message + 5, size - 5);
            break;
        case 'G':
            connection->copy_ready = 1;
            break;
        case 'K':
            connection->backend_pid = load_int32(message + 5);
            break;
        default:
            break;
        }
        connection->begin += size;
    }
    if (connection->begin == connection->end) connection->begin = connection->end = 0;
}

static int make_room(struct limit_connection* connection) {
    if (connection->begin != 0) {
        memmove(connection->buffer, connection->buffer + connection->begin, connection->end - connection->begin);
        connection->end -= connection->begin;
        connection->begin = 0;
    }
    if (connection->end == connection->room) {
        connection->room *= 2;
        char* larger = realloc(connection->buffer, connection->room);
        if (larger == NULL) return fail("no memory");
        connection->buffer = larger;
    }
    return 0;
}

static int read_once(struct limit_connection* connection) {
    if ((connection->begin != 0 || connection->end == connection->room) && make_room(connection) != 0) return -1;
    const ssize_t got =
        recv(connection->socket, connection->buffer + connection->end, connection->room - connection->end, MSG_DONTWAIT);
    if (got == 0) {
        errno = 0;
        return fail("the server has ended the connection");
    }
    if (got < 0) return errno == EAGAIN || errno == EINTR ? 0 : fail("recv");
    connection->end += (size_t)got;
    look_at_messages(connection);
    return 0;
}

/* Waits first: on a Unix socket poll and recv are cheaper than a recv that blocks. */
int limit_receive(struct limit_connection* connection) {
    struct pollfd wanted = {connection->socket, POLLIN, 0};
    if (poll(&wanted, 1, -1) < 0 && errno != EINTR) return fail("poll");
    return read_once(connection);
}

int limit_send(struct limit_connection* connection, const char* data, size_t size) {
    while (size != 0) {
        const ssize_t sent = send(connection->socket, data, size, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return fail("send");
        }
        data += sent;
        size -= (size_t)sent;
    }
    return 0;
}

int limit_finish(struct limit_connection* connection, int32_t ready) {
    while (connection->ready < ready)
        if (limit_receive(connection) != 0) return -1;
    return connection->errors == 0 ? 0 : -1;
}

int limit_exchange(struct limit_connection* connection, const char* data, size_t size, int32_t ready) {
    while (size != 0) {
        const ssize_t sent = send(connection->socket, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            data += sent;
            size -= (size_t)sent;
            continue;
        }
        if (sent < 0 && errno != EAGAIN && errno != EINTR) return fail("send");
        struct pollfd wanted = {connection->socket, POLLIN | POLLOUT, 0};
        if (poll(&wanted, 1, -1) < 0 && errno != EINTR) return fail("poll");
        if ((wanted.revents & POLLIN) != 0 && read_once(connection) != 0) return -1;
    }
    return limit_finish(connection, ready);
}

void limit_reset_counts(struct limit_connection* connection) {
    connection->rows = 0;
    connection->errors = 0;
    connection->ready = 0;
    connection->copy_ready = 0;
}

int limit_connect(struct limit_connection* connection, const char* socket_path, const char* user,
                  const char* database) {
    memset(connection, 0, sizeof *connection);
    connection->room = 65536;
    connection->buffer = malloc(connection->room);
    connection->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->buffer == NULL || connection->socket < 0) return fail("socket");
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    if (strlen(socket_path) >= sizeof address.sun_path) return fail("the path of the socket is too long");
    strcpy(address.sun_path, socket_path);
    if (connect(connection->socket, (const struct sockaddr*)&address, sizeof address) != 0) return fail("connect");

    struct limit_bytes startup = {NULL, 0, 0};
    limit_append_int32(&startup, 0);
    limit_append_int32(&startup, 196608); /* protocol 3.0 */
    append_text(&startup, "user");
    append_text(&startup, user);
    append_text(&startup, "database");
    append_text(&startup, database);
    append_text(&startup, "client_encoding");
    append_text(&startup, "UTF8");
    append_text(&startup, "");
    close_message(&startup, 0);
    const int sent = limit_send(connection, startup.data, startup.size);
    limit_free(&startup);
    if (sent != 0 || limit_finish(connection, 1) != 0) return -1;
    limit_reset_counts(connection);
    return 0;
}

void limit_close(struct limit_connection* connection) {
    if (connection->socket > 0) close(connection->socket);
    free(connection->buffer);
    memset(connection, 0, sizeof *connection);
}
