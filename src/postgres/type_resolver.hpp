// Brings what is known of user types to the statements of one connection.
#pragma once

#include "postgres/prepared_statement.hpp"
#include "postgres/type_catalogue.hpp"
#include "wharf/connection/driver.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace wharf::postgres {

class request_writer;

class type_resolver {
public:
    /// With a catalogue of its own.
    type_resolver();
    void share(std::shared_ptr<type_catalogue> with) noexcept { catalogue_ = std::move(with); }
    /// Before a batch: an answer that an earlier one did not wait for is not expected any more.
    void start() noexcept {
        asking_ = false;
        missing_.clear();
    }

    /// Whether all types of a described statement are known, and it can be run. Otherwise they are noted, to be asked
    /// for.
    [[nodiscard]] bool resolve(prepared_statement& statement);
    /// Asks for what was noted. A Sync or Flush has to follow.
    void ask(request_writer& writer);
    /// Takes the answer, after which all that was asked for is known. The error that came instead, or null.
    [[nodiscard]] std::exception_ptr take_answer();
    [[nodiscard]] bool asking() const noexcept { return asking_; }
    void forget_all() const { catalogue_->forget_all(); }

    /// Where the answer goes: the item of expected_reply::lookup_item.
    [[nodiscard]] batch_item& answer() noexcept { return answer_; }

private:
    std::shared_ptr<type_catalogue> catalogue_{
        std::make_shared<type_catalogue>()}; // shared with the connections to the same database
    prepared_statement query_{};
    result rows_{};
    batch_item answer_{};
    std::vector<type_oid> missing_{};
    std::uint64_t generation_asked_{0};
    bool asking_{false};
};

} // namespace wharf::postgres
