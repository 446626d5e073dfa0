#include "orm/class_order.hpp"

#include <algorithm>
#include <cstddef>

namespace wharf::orm {
namespace {

// Tarjan's algorithm, which yields the components in the order wanted: what is pointed to first.
// Source: R. Tarjan, Depth-first search and linear graph algorithms, 1972.
class components {
public:
    explicit components(std::span<const class_descriptor* const> classes)
        : classes_(classes), number_(classes.size(), 0), low_(classes.size(), 0), open_(classes.size(), false) {}

    std::vector<class_cycle> find() {
        for (std::size_t i = 0; i < classes_.size(); ++i)
            if (number_[i] == 0) visit(i);
        return std::move(found_);
    }

private:
    void visit(std::size_t at) {
        number_[at] = low_[at] = ++count_;
        stack_.push_back(at);
        open_[at] = true;
        bool refers_to_itself = false;
        for (const auto& relation : classes_[at]->relations) {
            if (relation.kind != relation_kind::belongs_to) continue;
            const auto target = std::find_if(classes_.begin(), classes_.end(), [&](const class_descriptor* candidate) {
                return candidate->type == relation.target;
            });
            if (target == classes_.end()) continue;
            const auto to = static_cast<std::size_t>(target - classes_.begin());
            refers_to_itself = refers_to_itself || to == at;
            if (number_[to] == 0) {
                visit(to);
                low_[at] = std::min(low_[at], low_[to]);
            } else if (open_[to]) {
                low_[at] = std::min(low_[at], number_[to]);
            }
        }
        if (low_[at] == number_[at]) close(at, refers_to_itself);
    }

    void close(std::size_t root, bool refers_to_itself) {
        class_cycle made;
        std::size_t member = 0;
        do {
            member = stack_.back();
            stack_.pop_back();
            open_[member] = false;
            made.members.push_back(classes_[member]);
        } while (member != root);
        made.cyclic = made.members.size() > 1 || refers_to_itself;
        found_.push_back(std::move(made));
    }

    std::span<const class_descriptor* const> classes_;
    std::vector<std::size_t> number_;
    std::vector<std::size_t> low_;
    std::vector<bool> open_;
    std::vector<std::size_t> stack_{};
    std::vector<class_cycle> found_{};
    std::size_t count_{0};
};

} // namespace

std::vector<class_cycle> order_classes(std::span<const class_descriptor* const> classes) {
    return components(classes).find();
}

} // namespace wharf::orm
