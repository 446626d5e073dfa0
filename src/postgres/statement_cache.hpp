// Prepared statements by their text, the least recently used ones given up first.
#pragma once

#include "postgres/prepared_statement.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wharf::postgres {

/// References stay valid until trim().
class statement_cache {
public:
    /// `limit` 0: nothing is kept from one batch to the next.
    explicit statement_cache(std::size_t limit) noexcept : limit_(limit) {}

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
    std::size_t limit_;
    std::list<prepared_statement> statements_{}; // most recently used first
    std::unordered_map<std::string_view, std::list<prepared_statement>::iterator> by_text_{}; // keys: their own text
    std::vector<std::string> closing_{};
    std::list<prepared_statement> forgotten_{}; // not found any more, alive until trim()
    std::uint64_t next_name_{1};
};

} // namespace wharf::postgres
