/* The limit client: the least that can be done to talk to PostgreSQL. It sends bytes that were built beforehand and finds
   the boundaries of the messages in what comes back; nothing is decoded, nothing is kept. No client can do less.

   Unix sockets and trust authentication only. Every function returns 0 (or what it says) and -1 on failure; after a
   failure limit_error() has a sentence.
   Source: PostgreSQL documentation, 55.2 and 55.7 (message flow, message formats). */
#ifndef WHARF_BENCH_LIMIT_CLIENT_H
#define WHARF_BENCH_LIMIT_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes to be sent. */
struct limit_bytes {
    char* data;
    size_t size;
    size_t room;
};

struct limit_connection {
    int socket;
    int32_t backend_pid;
    char* buffer;
    size_t room;
    size_t begin; /* of what has not been looked at */
    size_t end;
    /* What was counted since limit_reset_counts(). */
    uint64_t rows;
    uint64_t errors;
    int32_t ready; /* ReadyForQuery messages */
    int copy_ready; /* CopyInResponse has come */
    /* Gets the body of each row; null: rows are only counted. */
    void (*on_row)(void* context, const char* body);
    void* context;
};

const char* limit_error(void);

int limit_connect(struct limit_connection* connection, const char* socket_path, const char* user, const char* database);
void limit_close(struct limit_connection* connection);
void limit_reset_counts(struct limit_connection* connection);

int limit_send(struct limit_connection* connection, const char* data, size_t size);
/* Waits for bytes, then walks over the messages in them. */
int limit_receive(struct limit_connection* connection);
/* Receives until `ready` ReadyForQuery messages have come. An error of the server is a failure. */
int limit_finish(struct limit_connection* connection, int32_t ready);
/* Sends and reads in turn, so that neither side waits for the other; until `ready` ReadyForQuery messages have come. */
int limit_exchange(struct limit_connection* connection, const char* data, size_t size, int32_t ready);

/* Messages; each is appended. Parameters are int32 length and bytes, one after the other, all in binary. */
void limit_free(struct limit_bytes* bytes);
void limit_parse(struct limit_bytes* out, const char* name, const char* sql);
void limit_bind(struct limit_bytes* out, const char* name, int16_t parameter_count, const char* parameters, size_t size);
void limit_execute(struct limit_bytes* out);
void limit_sync(struct limit_bytes* out);
void limit_query(struct limit_bytes* out, const char* sql);
void limit_copy_data(struct limit_bytes* out, const char* data, size_t size);
void limit_copy_done(struct limit_bytes* out);
void limit_append(struct limit_bytes* out, const void* data, size_t size);
void limit_append_int16(struct limit_bytes* out, int16_t value);
void limit_append_int32(struct limit_bytes* out, int32_t value);
void limit_append_int64(struct limit_bytes* out, int64_t value);

#ifdef __cplusplus
}
#endif

#endif
