// Runs several clients over the same work, interleaved, and prints what each took: operations per second, the client's
// CPU time and the server's CPU time per operation, and both beside those of the limit client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// One client of a row.
struct contender {
    std::string name{};
    std::function<void()> run{};          ///< does all operations of one round
    std::vector<std::int32_t> backends{}; ///< process ids of the servers that work for it
    std::function<void()> before{};       ///< in front of each round, not counted; empty: nothing
};

/// One line of performance figures.
struct row {
    std::string number{}; ///< as in the table: "1", "5a"
    std::string title{};
    std::string unit{};                  ///< what an operation is: "lookup", "row"
    std::uint64_t operations{0};         ///< of one round
    bool one_core{false};                ///< client and servers are kept on one core
    std::vector<contender> contenders{}; ///< the first is the limit
};

struct options {
    std::size_t rounds{5};
    bool quick{false};
    std::FILE* json{nullptr}; ///< null: none
};

class harness {
public:
    explicit harness(const options& how) : how_(how) {}
    /// Runs a row and prints it. Medians of the rounds, and half their range.
    void run(const row& what) const;
    [[nodiscard]] bool quick() const noexcept { return how_.quick; }
    /// `full`, or a tenth of it for a quick run.
    [[nodiscard]] std::uint64_t scaled(std::uint64_t full) const noexcept { return how_.quick ? full / 10 : full; }

private:
    options how_;
};

} // namespace bench
