// Prepared statements by their text, the least recently used ones given up first.
#pragma once

#include "postgres/prepared_statement.hpp"
#include "wharf/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wharf::postgres {

struct statement_cache_limits {
    std::size_t size{256};     ///< 0: nothing is kept from one batch to the next
    duration max_age{};        ///< 0: no limit
    std::size_t max_length{0}; ///< of a text, in bytes; 0: no limit
    /// False: statements have no name on the server, which must parse them for each execution; kept is only what it has
    /// said about them.
    bool named{true};
};

/// A beginning of names that no other connection has.
[[nodiscard]] std::string random_prefix();

/// References stay valid until trim().
class statement_cache {
public:
    /// `prefix`: of the names on the server. Behind a pooler that lends transactions its sessions have statements of
    /// other connections too, so that it is to be another one for each: see random_prefix().
    explicit statement_cache(const statement_cache_limits& limits, std::string prefix = "wharf_") noexcept
        : limits_(limits), prefix_(std::move(prefix)) {}
    [[nodiscard]] bool named() const noexcept { return limits_.named; }
    [[nodiscard]] const std::string& prefix() const noexcept { return prefix_; }

    /// Whether it was there before the batch that runs.
    [[nodiscard]] bool is_cached(const prepared_statement& statement) const noexcept {
        return statement.made_in != batch_;
    }
    void begin_batch() noexcept { ++batch_; }

    /// Whether it wants to know the time, which decides what is too old.
    [[nodiscard]] bool has_age() const noexcept { return limits_.max_age != duration::zero(); }
    void set_time(time_point now) noexcept { now_ = now; }

    /// The statement with this text, made when there is none; it becomes the most recently used one.
    [[nodiscard]] prepared_statement& get(std::string_view sql);
    /// The text is prepared anew when it is asked for again. The object lives on until trim().
    void forget(prepared_statement& statement);
    /// The same for all: the server has dropped them (DEALLOCATE ALL, DISCARD ALL).
    void forget_all();
    /// Between batches: drops what is forgotten or beyond the limit. Names that the server still knows are kept for
    /// take_closing().
    void trim();

    /// Names to be closed with the next write.
    [[nodiscard]] std::vector<std::string> take_closing() noexcept { return std::exchange(closing_, {}); }
    [[nodiscard]] bool has_closing() const noexcept { return !closing_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return statements_.size(); }

private:
    [[nodiscard]] bool too_old(const prepared_statement& statement) const noexcept {
        return has_age() && now_ - statement.made_at >= limits_.max_age;
    }
    [[nodiscard]] prepared_statement& make(std::string_view sql);
    void drop_long_texts();

    statement_cache_limits limits_;
    std::string prefix_;
    std::uint64_t batch_{0};
    time_point now_{};
    std::list<prepared_statement> statements_{}; // most recently used first
    std::unordered_map<std::string_view, std::list<prepared_statement>::iterator> by_text_{}; // keys: their own text
    std::vector<std::string> closing_{};
    std::list<prepared_statement> forgotten_{}; // not found any more, alive until trim()
    std::uint64_t next_name_{1};
    bool has_long_text_{false};
};

} // namespace wharf::postgres
