// From an op on erased objects to what a typed call of a mode returns.
#pragma once

#include "wharf/io/op.hpp"
#include "wharf/orm/session_core.hpp"

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace wharf::orm {

namespace detail {
template <class Out, class In>
io::op<Out> convert(io::op<In> work, Out (*converter)(In&&)) {
    auto erased = co_await std::move(work);
    co_return converter(std::move(erased));
}
/// Keeps the session, and what stops the call, until the op has ended.
template <class T>
io::op<T> keep(std::shared_ptr<session_core> session, std::shared_ptr<joined_stop> stop, io::op<T> work) {
    static_cast<void>(session);
    static_cast<void>(stop);
    if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
    } else {
        co_return co_await std::move(work);
    }
}
} // namespace detail

/// Runs an op for the caller of a session.
template <class Mode, class T>
typename Mode::template result<T> run_for(session_core& core, io::op<T> work, const call_options& asked) {
    if constexpr (std::same_as<typename Mode::template result<int>, int>) {
        return Mode::run(core.context(), std::move(work), core.limits(asked));
    } else {
        auto joined = core.join(asked.stop());
        const auto limits = core.limits(asked, joined.get());
        return Mode::run(core.context(), detail::keep(core.shared_from_this(), std::move(joined), std::move(work)),
                         limits);
    }
}

/// Runs an op for the caller of a session and converts what it yields. In a blocking session that is a plain call, so
/// that no coroutine is compiled for each class.
template <class Mode, class Out, class In>
typename Mode::template result<Out> run_as(session_core& core, io::op<In> work, const call_options& asked,
                                           Out (*converter)(In&&)) {
    if constexpr (std::same_as<typename Mode::template result<Out>, Out>)
        return converter(run_for<Mode>(core, std::move(work), asked));
    else
        return run_for<Mode>(core, detail::convert(std::move(work), converter), asked);
}

} // namespace wharf::orm
