// BEGIN, SAVEPOINT and ROLLBACK on their way to the driver, in front of a batch.
#pragma once

#include "wharf/connection/connection_core.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace wharf {

/// Takes them, and keeps their texts until the driver is done; abandon() may leave others meanwhile. They go back in
/// front of the next batch where the driver has begun nothing of this one: it was refused, or given up before.
class connection_core::taken_statements {
public:
    explicit taken_statements(connection_core& from)
        : from_(from), begun_(from.driver_->counters().batches), all_(from.take_pending()) {}
    taken_statements(const taken_statements&) = delete;
    taken_statements& operator=(const taken_statements&) = delete;
    ~taken_statements() {
        if (sent_ || !from_.usable() || from_.driver_->counters().batches != begun_) return;
        from_.put_back(std::move(all_));
    }

    [[nodiscard]] const std::vector<pending_statement>& all() const noexcept { return all_; }
    void sent() noexcept { sent_ = true; }
    /// The driver is another one, which has begun nothing yet.
    void start_over() noexcept { begun_ = from_.driver_->counters().batches; }

private:
    connection_core& from_;
    std::uint64_t begun_;
    std::vector<pending_statement> all_;
    bool sent_{false};
};

} // namespace wharf
