#include "wharf/pool/pool_options.hpp"

#include "pool/checked_options.hpp"
#include "pool/messages.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace wharf::detail {
namespace {

constexpr std::size_t default_min_size = 2;
constexpr std::size_t largest_size = std::numeric_limits<std::int32_t>::max();

[[noreturn]] void refuse(std::string_view name, std::string value, std::string rule) {
    throw configuration_error("pool setting " + std::string(name) + " is " + std::move(value) + "; it must be " +
                              std::move(rule));
}

void at_least(std::string_view name, std::size_t value, std::size_t floor) {
    if (value < floor) refuse(name, std::to_string(value), "at least " + std::to_string(floor));
}

void at_most(std::string_view name, std::size_t value, std::size_t ceiling, std::string_view what = {}) {
    if (value <= ceiling) return;
    auto rule = "at most " + std::to_string(ceiling);
    if (!what.empty()) rule.append(", the ").append(what);
    refuse(name, std::to_string(value), std::move(rule));
}

void not_negative(std::string_view name, duration value) {
    if (value < duration::zero()) refuse(name, in_words(value), "0 s or more");
}

void positive(std::string_view name, duration value) {
    if (value <= duration::zero()) refuse(name, in_words(value), "more than 0 s");
}

} // namespace

pool_options checked(pool_options options, std::size_t connection_limit) {
    at_least("max_size", options.max_size, 1);
    at_most("max_size", options.max_size, largest_size);
    at_most("max_overflow", options.max_overflow, largest_size);
    if (options.min_size) at_most("min_size", *options.min_size, options.max_size, "max_size");
    at_least("max_connecting", options.max_connecting, 1);
    at_least("max_waiting", options.max_waiting, 1);
    not_negative("acquire_timeout", options.acquire_timeout);
    positive("connect_timeout", options.connect_timeout);
    not_negative("idle_timeout", options.idle_timeout);
    not_negative("max_lifetime", options.max_lifetime);
    not_negative("validate_after_idle", options.validate_after_idle);
    positive("ping_timeout", options.ping_timeout);
    positive("clean_up_timeout", options.clean_up_timeout);
    not_negative("close_timeout", options.close_timeout);
    if (!(options.lifetime_jitter >= 0 && options.lifetime_jitter <= 1)) {
        refuse("lifetime_jitter", std::to_string(options.lifetime_jitter), "from 0 to 1");
    }

    if (connection_limit != 0) {
        options.max_size = std::min(options.max_size, connection_limit);
        options.max_overflow = std::min(options.max_overflow, connection_limit - options.max_size);
    }
    if (connection_limit == 1) {
        // A database that allows one connection is one in memory, and ends with it.
        options.idle_timeout = options.max_lifetime = duration::zero();
        options.max_uses = 0;
    }
    options.min_size = std::min(options.min_size.value_or(default_min_size), options.max_size);
    return options;
}

} // namespace wharf::detail
