// A script under way: its commands one after the other, each for itself. It owns all it needs, as a batch does.
#pragma once

#include "sqlite/database.hpp"
#include "wharf/connection/script.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace wharf::sqlite {

/// Used by one thread at a time.
class script {
public:
    script(std::shared_ptr<database> on, std::string_view text, script_options options);
    script(const script&) = delete;
    script& operator=(const script&) = delete;

    enum class stop : std::uint8_t { done, needs_gate };
    /// Runs commands until all are done, one fails, or the next one needs the write gate and another connection is
    /// inside. Throws what makes the connection unusable.
    [[nodiscard]] stop run();
    /// The write gate did not open, or never would: the command that needs it fails.
    void give_up_gate(std::exception_ptr why) noexcept { outcome_.error = std::move(why); }
    [[nodiscard]] std::string_view waiting_sql() const noexcept { return rest_; }
    [[nodiscard]] script_outcome& outcome() noexcept { return outcome_; }

private:
    void run_command(statement& prepared, std::string_view sql);

    std::shared_ptr<database> on_; // shared with the driver and other jobs
    std::string text_;
    std::string_view rest_; // of text_, not run yet
    script_options options_;
    script_outcome outcome_{};
};

} // namespace wharf::sqlite
