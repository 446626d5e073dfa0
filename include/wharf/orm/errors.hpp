// What a session says when it is misused, or cannot do what plain access to an object asks of it.
#pragma once

#include "wharf/base/error.hpp"
#include "wharf/orm/stale_data.hpp"

namespace wharf {

/// An empty entity was dereferenced.
class null_entity : public usage_error {
public:
    using usage_error::usage_error;
};

/// A relation of an object of an async session was read before it was loaded.
class not_loaded : public usage_error {
public:
    using usage_error::usage_error;
};

/// A relation, or an expired member, of an object was read that belongs to no session any more.
class detached : public usage_error {
public:
    using usage_error::usage_error;
};

/// An object of an async session was read that is known by its key only, or has been expired.
class expired : public usage_error {
public:
    using usage_error::usage_error;
};

/// The transaction failed earlier and has not been rolled back yet; the message quotes the first error.
class transaction_failed : public usage_error {
public:
    using usage_error::usage_error;
};

/// A flush could not be trusted, and was rolled back: the database left rows out or gave no keys.
class flush_failed : public error {
public:
    using error::error;
};

/// The rows were written and committed, but something that the database filled in or made of a value cannot be read
/// into its member. The objects are persistent; those are read again with the next access, which says the same. Where
/// even that could not be told to them, of memory for instance, the session has failed, and rollback() lets all go.
class committed_unread : public error {
public:
    using error::error;
};

/// More statements were sent than a query_budget allows; the message lists them.
class budget_exceeded : public error {
public:
    using error::error;
};

} // namespace wharf
