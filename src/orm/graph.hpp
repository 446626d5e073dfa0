// Directed graphs of numbered nodes: what a flush orders its rows and statements by.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace wharf::orm {

using node = std::uint32_t;

class graph {
public:
    struct edge {
        node from;
        node to;
    };
    /// Edges may be there twice. Linear in nodes and edges, as everything here.
    graph(std::size_t nodes, std::span<const edge> edges);

    [[nodiscard]] std::size_t size() const noexcept { return first_.size() - 1; }
    [[nodiscard]] std::span<const node> behind(node from) const noexcept {
        return std::span(targets_).subspan(first_[from], first_[from + 1] - first_[from]);
    }
    /// How many edges end at each node.
    [[nodiscard]] std::vector<std::uint32_t> waiting() const;
    [[nodiscard]] bool has_circle() const;
    /// For each node the number of its component: nodes that can be reached from each other have the same one. An edge
    /// between components leads to the higher number.
    [[nodiscard]] std::vector<node> components() const;

private:
    std::vector<std::size_t> first_; // where the targets of each node begin
    std::vector<node> targets_;
};

} // namespace wharf::orm
