// The connects that are under way.
#pragma once

#include "wharf/base/time.hpp"

#include <algorithm>
#include <cstddef>
#include <list>
#include <optional>

namespace wharf::detail {

/// A value. A connect that takes much longer than usual is late: it goes on, but is not counted on any more.
class connects {
public:
    struct attempt {
        time_point began;
        bool late;
    };
    using handle = std::list<attempt>::iterator;

    connects() = default;
    connects(const connects&) = delete;
    connects& operator=(const connects&) = delete;

    [[nodiscard]] handle begin(time_point now) {
        last_began_ = now;
        const auto made = all_.insert(all_.end(), attempt{now, false});
        if (first_young_ == all_.end()) first_young_ = made;
        ++young_;
        return made;
    }
    void end(handle which) noexcept {
        if (first_young_ == which) ++first_young_;
        if (!which->late) --young_;
        all_.erase(which);
        hanging_ = std::min(hanging_, late());
    }
    /// One has succeeded: that others are late says nothing of the next.
    void succeeded() noexcept { hanging_ = 0; }
    /// Those that take longer than `usual` are late from now on.
    void look(time_point now, duration usual) noexcept {
        for (; first_young_ != all_.end() && now - first_young_->began >= usual; ++first_young_) {
            first_young_->late = true;
            --young_;
            ++hanging_;
        }
    }

    [[nodiscard]] std::size_t young() const noexcept { return young_; }
    [[nodiscard]] std::size_t late() const noexcept { return all_.size() - young_; }
    /// Those that have become late since one succeeded.
    [[nodiscard]] std::size_t hanging() const noexcept { return hanging_; }
    /// When look() will find the next late one.
    [[nodiscard]] time_point next_late(duration usual) const noexcept {
        return young_ == 0 ? never : deadline_after(first_young_->began, usual);
    }
    [[nodiscard]] time_point last_began() const noexcept { return last_began_; }
    /// The one under way for longest. Empty: none is under way.
    [[nodiscard]] std::optional<time_point> oldest() const noexcept {
        if (all_.empty()) return std::nullopt;
        return all_.front().began;
    }

private:
    std::list<attempt> all_{}; // in the order in which they began: the late ones first
    handle first_young_{all_.end()};
    std::size_t young_{0};
    std::size_t hanging_{0};
    time_point last_began_{};
};

} // namespace wharf::detail
