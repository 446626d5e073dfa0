// From an op on erased objects to what a typed call of a mode returns.
#pragma once

#include "wharf/io/op.hpp"
#include "wharf/orm/session_core.hpp"

#include <concepts>
#include <utility>

namespace wharf::orm {

namespace detail {
template <class Out, class In>
io::op<Out> convert(io::op<In> work, Out (*converter)(In&&)) {
    auto erased = co_await std::move(work);
    co_return converter(std::move(erased));
}
} // namespace detail

/// Runs an op for the caller of a session and converts what it yields. In a blocking session that is a plain call, so
/// that no coroutine is compiled for each class.
template <class Mode, class Out, class In>
typename Mode::template result<Out> run_as(session_core& core, io::op<In> work, const call_options& asked,
                                           Out (*converter)(In&&)) {
    const auto limits = core.limits(asked);
    if constexpr (std::same_as<typename Mode::template result<Out>, Out>)
        return converter(Mode::run(core.context(), std::move(work), limits));
    else
        return Mode::run(core.context(), detail::convert(std::move(work), converter), limits);
}

} // namespace wharf::orm
