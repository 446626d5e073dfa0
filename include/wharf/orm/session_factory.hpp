// Makes sessions of one engine with the same settings.
#pragma once

#include "wharf/orm/session.hpp"

namespace wharf {

/// Any thread. The engine outlives it.
template <class Mode>
class basic_session_factory {
public:
    explicit basic_session_factory(basic_engine<Mode>& from, const session_options& options = {}) noexcept
        : engine_(&from), options_(options) {}

    [[nodiscard]] basic_session<Mode> operator()() const { return basic_session<Mode>(*engine_, options_); }
    [[nodiscard]] basic_session<Mode> operator()(const session_options& options) const {
        return basic_session<Mode>(*engine_, options);
    }

private:
    basic_engine<Mode>* engine_;
    session_options options_;
};

using session_factory = basic_session_factory<blocking>;

} // namespace wharf
