// A call on a connection's driver.
#pragma once

#include "connection/taken_statements.hpp"
#include "wharf/io/waits.hpp"

#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

namespace wharf {

// `taken` is what travels in front.
template <class Work>
std::invoke_result_t<Work&> connection_core::on_driver(Work& work, std::string_view sql, taken_statements* taken) {
    auto& running = co_await io::this_task();
    std::exception_ptr unfit;
    for (;;) {
        if (unfit) {
            co_await take_other_driver(std::exchange(unfit, nullptr));
            if (taken != nullptr) taken->start_over();
        }
        try {
            co_return co_await work();
        } catch (const not_undone&) {
            if (ended_with_pool_) explain(sql, running);
            unfit = std::current_exception();
        } catch (const error&) {
            explain(sql, running);
        }
    }
}

} // namespace wharf
