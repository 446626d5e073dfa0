// LISTEN and NOTIFY: wharf::listener in threads, wharf::async_listener (in <wharf/asio.hpp>) in coroutines.
//
//   wharf::listener listener{"postgresql://app@db/shop"};
//   listener.listen("orders");
//   for (;;) {
//       const auto event = listener.next();
//       if (event.what() == wharf::listener_event::kind::notified) handle(event.notification().payload);
//       else look_at_everything_again();               notifications may have been missed
//   }
//
// It has a connection of its own, opened as those of a pool are, and opens another when that is lost.
#pragma once

#include "wharf/base/url.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/call_options.hpp"
#include "wharf/open/open_connector.hpp"
#include "wharf/pool/listener_core.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace wharf {

/// Any thread, any coroutine. Not behind PgBouncer in transaction mode, where LISTEN has no effect.
template <class Mode>
class basic_listener {
public:
    template <class T>
    using result = typename Mode::template result<T>;

    /// A blocking listener, with a thread of its own. Throws configuration_error; usage_error for a backend that has no
    /// LISTEN.
    explicit basic_listener(const database_url& url, const listener_options& options = {})
        requires requires { Mode::make_background(); }
        : core_(open_connector(url), Mode::make_background(), options) {}
    /// An async listener, bound to the executor's context, which outlives it.
    template <class Executor>
        requires requires(const Executor& executor) { Mode::make_background(executor); }
    basic_listener(const Executor& executor, const database_url& url, const listener_options& options = {})
        : core_(open_connector(url), Mode::make_background(executor), options) {}
    /// Over a driver of one's own.
    basic_listener(std::shared_ptr<connector> database, std::shared_ptr<io::background> background,
                   const listener_options& options = {})
        : core_(std::move(database), std::move(background), options) {}

    /// Once it returns, what is sent to the channel arrives. Waits for a connection where there is none. The name is
    /// taken as it is, capitals and all; 1 to 63 bytes, else usage_error. Throws the server's error, timed_out,
    /// cancelled (after both it may still come into effect), and what connecting fails with where waiting cannot help.
    result<void> listen(std::string_view channel, const call_options& options = {}) {
        return Mode::run(core_.context(), core_.listen(std::string(channel)), options);
    }
    result<void> unlisten(std::string_view channel, const call_options& options = {}) {
        return Mode::run(core_.context(), core_.unlisten(std::string(channel)), options);
    }
    /// The oldest event that has not been taken; waits for one. Giving up loses nothing. Throws timed_out, cancelled,
    /// and what connecting fails with where waiting cannot help.
    [[nodiscard]] result<listener_event> next(const call_options& options = {}) {
        return Mode::run(core_.context(), core_.next(), options);
    }
    [[nodiscard]] listener_stats stats() const { return core_.stats(); }

private:
    listener_core core_;
};

using listener = basic_listener<blocking>;

} // namespace wharf
