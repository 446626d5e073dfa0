// Who suffers when a flood of ops keeps its thread to itself.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace wharf::test {

/// Ops that may finish at once before others have their turn.
inline constexpr int most_at_once = 128;

/// A handler that posts itself anew, and sees how far a flood has come in between.
class bystander {
public:
    bystander(boost::asio::io_context& context, const int& steps) : context_(context), steps_(steps) { post(); }

    void stop() noexcept { stopped_ = true; }
    [[nodiscard]] int longest() const noexcept { return longest_; }

private:
    void post() {
        boost::asio::post(context_, [this] {
            longest_ = std::max(longest_, steps_ - seen_);
            seen_ = steps_;
            if (!stopped_) post();
        });
    }
    boost::asio::io_context& context_;
    const int& steps_;
    int seen_{0};
    int longest_{0};
    bool stopped_{false};
};

} // namespace wharf::test
