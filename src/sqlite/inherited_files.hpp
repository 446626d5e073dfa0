// SQLite's files and fork(2).
//
// SQLite notes once for each process which locks it holds on a file. A child inherits the notes, not the locks: a
// connection that it opens takes no locks of its own, and what it commits is lost when the parent closes its last
// connection and removes the log. The mutexes of SQLite may also have been held by a thread that the child does not
// have.
#pragma once

namespace wharf::sqlite {

/// An open handle. Making one throws connect_failed in a child of a process that had one when it called fork(2), or of
/// whose parent that is true.
class open_handle_count {
public:
    explicit open_handle_count(const char* description);
    open_handle_count(const open_handle_count&) = delete;
    open_handle_count& operator=(const open_handle_count&) = delete;
    ~open_handle_count();
};

} // namespace wharf::sqlite
