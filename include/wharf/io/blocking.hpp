// Running an op on the calling thread: waits are poll(2), parking is a futex, offloading is a plain call.
#pragma once

#include "wharf/io/background.hpp"
#include "wharf/io/call_options.hpp"
#include "wharf/io/op.hpp"

#include <memory>
#include <utility>

namespace wharf {

namespace io {

namespace detail {
[[nodiscard]] surroundings& blocking_surroundings() noexcept;
void run_blocking(task& runner, const call_options& options);
} // namespace detail

/// Runs `work` to its end on this thread and returns what it yields.
template <class T>
T run(op<T> work, const call_options& options = {}) {
    outcome<T> out;
    task runner(detail::blocking_surroundings());
    std::move(work).start_on(runner, out);
    detail::run_blocking(runner, options);
    return out.take();
}

} // namespace io

/// The mode of the blocking faces: basic_pool<blocking>, basic_session<blocking>, ...
struct blocking {
    /// What a call that yields a T returns.
    template <class T>
    using result = T;
    /// Runs an op for its caller. `context` is what the pool's own work runs on.
    template <class T>
    static T run(io::background& /*context*/, io::op<T> work, const call_options& options = {}) {
        return io::run(std::move(work), options);
    }
    /// What a pool's own work runs on: a poll loop with a thread of its own, started by the first op.
    [[nodiscard]] static std::shared_ptr<io::background> make_background();
};

} // namespace wharf
