#include "progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace demo {
namespace {

std::string number(double value, int decimals = 0) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

std::string span(double seconds) {
    const auto whole = std::lround(seconds);
    char text[32];
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
    return text;
}

} // namespace

progress::progress(std::ostream& out, bool terminal, std::string what, std::size_t total, std::size_t width)
    : out_(out), terminal_(terminal), what_(std::move(what)), total_(total), width_(width),
      next_line_(std::max<std::size_t>(total / 10, 1)) {}

double progress::seconds(clock::time_point now) const {
    return std::max(std::chrono::duration<double>(now - started_).count(), 1e-6);
}

std::string progress::bar(std::size_t done, clock::time_point now) const {
    const double fraction = total_ == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total_);
    const double rate = static_cast<double>(done) / seconds(now);
    const double remaining = rate > 0 ? static_cast<double>(total_ - done) / rate : 0;
    const std::string right = " " + std::to_string(done) + "/" + std::to_string(total_) + "  " + number(rate) + "/s  " +
                              span(remaining) + " left";
    const std::size_t frame = what_.size() + right.size() + 4;
    const std::size_t room = width_ > frame + 10 ? std::min<std::size_t>(width_ - frame, 40) : 10;
    const auto filled = static_cast<std::size_t>(fraction * static_cast<double>(room));
    return what_ + " [" + std::string(filled, '#') + std::string(room - filled, '.') + "]" + right;
}

void progress::update(std::size_t done, clock::time_point now) {
    done_ = done;
    if (terminal_) {
        if (now - drawn_ < std::chrono::milliseconds(100)) return;
        drawn_ = now;
        out_ << '\r' << bar(done, now) << "\x1b[K" << std::flush;
    } else if (done >= next_line_ && done < total_) {
        next_line_ = done + std::max<std::size_t>(total_ / 10, 1);
        const double rate = static_cast<double>(done) / seconds(now);
        out_ << what_ << ": " << done << " of " << total_ << ", " << number(rate) << "/s, "
             << span(static_cast<double>(total_ - done) / rate) << " left\n"
             << std::flush;
    }
}

void progress::finish(clock::time_point now) {
    if (terminal_) out_ << '\r' << "\x1b[K";
    out_ << what_ << ": " << done_ << " of " << total_ << " in " << number(seconds(now), 2) << " s, "
         << number(static_cast<double>(done_) / seconds(now)) << "/s\n"
         << std::flush;
}

} // namespace demo
