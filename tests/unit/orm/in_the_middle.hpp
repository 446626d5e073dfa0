// Something that happens while a call of a session is under way, on a thread of its own.
#pragma once

#include "wharf/orm/engine.hpp"

#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <utility>

namespace wharf::orm::test {

/// Calls back once, when the next statements are about to be sent. The engine outlives it.
class in_the_middle final : public statement_watcher {
public:
    template <class Mode>
    in_the_middle(basic_engine<Mode>& of, std::function<void()> call) : of_(of.core()), call_(std::move(call)) {
        of_->add_watcher(*this);
    }
    in_the_middle(const in_the_middle&) = delete;
    in_the_middle& operator=(const in_the_middle&) = delete;
    ~in_the_middle() override { of_->remove_watcher(*this); }
    void before_batch(std::span<const batch_item> /*items*/) override {
        if (!std::exchange(called_, true)) std::jthread(call_).join();
    }

private:
    std::shared_ptr<engine_core> of_; // shared with the engine and its sessions
    std::function<void()> call_;
    bool called_{false};
};

} // namespace wharf::orm::test
