#include "orm/graph.hpp"

#include <algorithm>

namespace wharf::orm {

graph::graph(std::size_t nodes, std::span<const edge> edges) : first_(nodes + 1, 0), targets_(edges.size()) {
    for (const auto& added : edges)
        ++first_[added.from + 1];
    for (std::size_t i = 0; i < nodes; ++i)
        first_[i + 1] += first_[i];
    auto next = first_;
    for (const auto& added : edges)
        targets_[next[added.from]++] = added.to;
}

std::vector<std::uint32_t> graph::waiting() const {
    std::vector<std::uint32_t> count(size(), 0);
    for (const auto target : targets_)
        ++count[target];
    return count;
}

bool graph::has_circle() const {
    auto waits = waiting();
    std::vector<node> ready;
    for (node at = 0; at < size(); ++at)
        if (waits[at] == 0) ready.push_back(at);
    for (std::size_t done = 0; done < ready.size(); ++done) {
        for (const auto target : behind(ready[done]))
            if (--waits[target] == 0) ready.push_back(target);
    }
    return ready.size() != size();
}

namespace {

// Tarjan's algorithm with a stack of its own, since rows may refer to each other in chains of any length.
// Source: R. Tarjan, Depth-first search and linear graph algorithms, 1972.
class component_search {
public:
    explicit component_search(const graph& of)
        : graph_(of), number_(of.size(), 0), low_(of.size(), 0), found_(of.size(), none) {}

    std::vector<node> run() {
        for (node at = 0; at < graph_.size(); ++at)
            if (number_[at] == 0) search(at);
        for (auto& component : found_) // they were found last first
            component = components_ - 1 - component;
        return std::move(found_);
    }

private:
    static constexpr node none = ~node{0};
    struct visit {
        node at;
        std::size_t next;
    };

    void search(node root) {
        open(root);
        while (!visits_.empty()) {
            auto& [at, next] = visits_.back();
            const auto targets = graph_.behind(at);
            if (next == targets.size()) {
                close(at);
                continue;
            }
            const auto target = targets[next++];
            if (number_[target] == 0) {
                open(target);
            } else if (found_[target] == none) {
                low_[at] = std::min(low_[at], number_[target]);
            }
        }
    }

    void open(node at) {
        number_[at] = low_[at] = ++count_;
        members_.push_back(at);
        visits_.push_back({at, 0});
    }

    void close(node at) {
        visits_.pop_back();
        if (!visits_.empty()) low_[visits_.back().at] = std::min(low_[visits_.back().at], low_[at]);
        if (low_[at] != number_[at]) return;
        node member = none;
        do {
            member = members_.back();
            members_.pop_back();
            found_[member] = components_;
        } while (member != at);
        ++components_;
    }

    const graph& graph_;
    std::vector<node> number_; // in the order of discovery, from 1
    std::vector<node> low_;
    std::vector<node> found_;
    std::vector<visit> visits_{};
    std::vector<node> members_{};
    node count_{0};
    node components_{0};
};

} // namespace

std::vector<node> graph::components() const {
    return component_search(*this).run();
}

} // namespace wharf::orm
