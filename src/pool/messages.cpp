#include "pool/messages.hpp"

#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"

namespace wharf::detail {
namespace {

void describe_connects(std::string& out, const pool_picture& picture) {
    if (picture.longest_connect) {
        out += "; a connect has been under way for " + in_words(*picture.longest_connect);
    }
    if (!picture.last_connect_error.empty()) {
        out += "; the last attempt to connect failed: " + picture.last_connect_error;
    }
}

void describe(std::string& out, const pool_picture& picture) {
    const auto& now = picture.stats;
    out += " (of at most " + std::to_string(now.limit) + " connections " + std::to_string(now.total()) +
           " exist: " + std::to_string(now.idle) + " idle, " + std::to_string(now.lent) + " lent, " +
           std::to_string(now.cleaning) + " being cleaned, " + std::to_string(now.connecting) + " connecting, " +
           std::to_string(now.closing) + " closing; " + std::to_string(now.waiting) + " acquires wait)";
    if (picture.longest_holder) {
        out += "; the longest holder has had its connection for " + in_words(*picture.longest_holder);
    }
    if (picture.failed_checks != 0) {
        out += "; " + std::to_string(picture.failed_checks) +
               (picture.failed_checks == 1 ? " idle connection" : " idle connections") +
               " did not answer when checked and had to be closed";
    }
    describe_connects(out, picture);
    if (picture.last_connect_error.empty() && now.lent == now.limit) {
        out += "; hold connections for less time, or raise max_size or max_overflow";
    }
}

} // namespace

std::string acquire_timeout_message(duration waited, const pool_picture& picture) {
    auto out = "no connection became free within " + in_words(waited);
    describe(out, picture);
    return out;
}

std::string too_many_waiting_message(std::size_t max_waiting, const pool_picture& picture) {
    auto out = "no connection is free and " + std::to_string(max_waiting) + " acquires wait already (max_waiting)";
    describe(out, picture);
    return out;
}

std::string open_timeout_message(const pool_picture& picture) {
    std::string out = "the deadline passed before the pool was open";
    describe_connects(out, picture);
    return out;
}

std::string close_timeout_message(const pool_picture& picture) {
    const auto out_there = picture.stats.lent + picture.stats.cleaning;
    auto out = "closing the pool waited in vain for " + std::to_string(out_there) +
               (out_there == 1 ? " connection, which has" : " connections, which have") + " been terminated";
    if (picture.longest_holder) {
        out += "; the longest holder has had its connection for " + in_words(*picture.longest_holder);
    }
    return out;
}

std::exception_ptr copy_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const database_error& known) {
        return make_database_error(known.fields());
    } catch (const authentication_failed& known) {
        return std::make_exception_ptr(authentication_failed(known.what()));
    } catch (const configuration_error& known) {
        return std::make_exception_ptr(configuration_error(known.what()));
    } catch (const connect_failed& known) {
        return std::make_exception_ptr(connect_failed(known.what(), known.is_transient()));
    } catch (const pool_closed& known) {
        return std::make_exception_ptr(pool_closed(known.what()));
    } catch (...) {
        return error;
    }
}

bool waiting_may_help(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const authentication_failed&) {
        return false;
    } catch (const configuration_error&) {
        return false;
    } catch (const connect_failed& failed) {
        return failed.is_transient();
    } catch (const database_error& said) {
        // invalid authorization; no such database
        return !said.sqlstate().starts_with("28") && said.sqlstate() != "3D000";
    } catch (...) {
        return true;
    }
}

std::string text_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& known) {
        return known.what();
    } catch (...) {
        return "an exception of an unknown type";
    }
}

} // namespace wharf::detail
