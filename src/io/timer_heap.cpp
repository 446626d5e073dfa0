#include "io/timer_heap.hpp"

namespace wharf::io {

void timer_heap::add(timer_entry& entry, time_point moment) {
    entries_.push_back(&entry);
    entry.moment_ = moment;
    rise(entries_.size() - 1, entry);
}

void timer_heap::remove(timer_entry& entry) noexcept {
    if (!entry.is_queued()) return;
    const auto place = entry.place_;
    entry.place_ = timer_entry::nowhere;
    auto& last = *entries_.back();
    entries_.pop_back();
    if (&last == &entry) return;
    if (place > 0 && last.moment_ < entries_[(place - 1) / 2]->moment_)
        rise(place, last);
    else
        sink(place, last);
}

void timer_heap::put(std::size_t place, timer_entry& entry) noexcept {
    entries_[place] = &entry;
    entry.place_ = place;
}

void timer_heap::rise(std::size_t place, timer_entry& entry) noexcept {
    while (place > 0) {
        const auto parent = (place - 1) / 2;
        if (entries_[parent]->moment_ <= entry.moment_) break;
        put(place, *entries_[parent]);
        place = parent;
    }
    put(place, entry);
}

void timer_heap::sink(std::size_t place, timer_entry& entry) noexcept {
    for (;;) {
        auto child = 2 * place + 1;
        if (child >= entries_.size()) break;
        if (child + 1 < entries_.size() && entries_[child + 1]->moment_ < entries_[child]->moment_) ++child;
        if (entry.moment_ <= entries_[child]->moment_) break;
        put(place, *entries_[child]);
        place = child;
    }
    put(place, entry);
}

} // namespace wharf::io
