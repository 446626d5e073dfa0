#include "schema/table_order.hpp"

#include <algorithm>

namespace wharf::schema {

namespace {

enum class mark : unsigned char { untouched, open, done };

class walker {
public:
    explicit walker(std::span<const orm::class_descriptor* const> classes) {
        for (const auto* type : classes)
            if (std::ranges::find(classes_, type) == classes_.end()) classes_.push_back(type);
        marks_.resize(classes_.size());
    }

    table_order run() {
        for (std::size_t i = 0; i != classes_.size(); ++i)
            visit(i);
        return std::move(order_);
    }

private:
    // Depth first; as deep as the longest chain of references, which schemas keep short.
    void visit(std::size_t at) {
        if (marks_[at] != mark::untouched) return;
        marks_[at] = mark::open;
        const auto& type = *classes_[at];
        for (std::size_t i = 0; i != type.relations.size(); ++i) {
            const auto& relation = type.relations[i];
            if (relation.kind != orm::relation_kind::belongs_to || relation.target == type.type) continue;
            const auto target = std::ranges::find(classes_, relation.target, &orm::class_descriptor::type);
            if (target == classes_.end()) continue;
            const auto index = static_cast<std::size_t>(target - classes_.begin());
            visit(index);
            if (marks_[index] == mark::open) order_.forward.emplace_back(&type, i);
        }
        marks_[at] = mark::done;
        order_.classes.push_back(&type);
    }

    std::vector<const orm::class_descriptor*> classes_{};
    std::vector<mark> marks_{};
    table_order order_{};
};

} // namespace

table_order order_tables(std::span<const orm::class_descriptor* const> classes) {
    return walker(classes).run();
}

} // namespace wharf::schema
