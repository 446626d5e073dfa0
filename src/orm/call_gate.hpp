// Who is inside a session: one call at a time.
//
// A call that may wait holds the gate until it has ended. What only touches memory passes through it, also between two
// reads of an open stream of rows, during which no other call may use the connection.
#pragma once

#include <atomic>
#include <cstdint>

namespace wharf::orm {

/// What is to be done with the session as soon as nobody is inside.
enum class call_gate_wish : std::uint8_t { none, abandon, close, end };

/// Any thread.
class call_gate {
public:
    enum class state : std::uint8_t { free, inside, streaming, ended };
    using wish = call_gate_wish;

    /// Enters where nobody is inside; `between_reads`: also while a stream is open. Gives what leave() restores. Throws
    /// concurrent_use, or usage_error when the session has ended.
    state enter(bool between_reads);
    /// The same, for those who may not throw: false when somebody is inside.
    [[nodiscard]] bool try_enter(state& before) noexcept;
    /// Whoever is inside goes.
    void leave(state after) noexcept { state_.store(after); }

    void ask(wish what) noexcept;
    /// What was asked for while somebody was inside; the asker does it where nobody is.
    [[nodiscard]] wish asked() const noexcept { return wish_.load(); }
    [[nodiscard]] wish take() noexcept { return wish_.exchange(wish::none); }

private:
    std::atomic<state> state_{state::free};
    std::atomic<wish> wish_{wish::none};
};

} // namespace wharf::orm
