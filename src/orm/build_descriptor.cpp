#include "orm/build_descriptor.hpp"

#include "wharf/base/error.hpp"

#include <algorithm>
#include <deque>
#include <string>

namespace wharf::orm {

namespace {

std::string_view name_of(const column_entry& entry) noexcept {
    return entry.name_.empty() ? member_name(entry.spelling_) : entry.name_;
}

column_descriptor describe_column(const column_entry& entry) {
    column_descriptor made;
    made.name = name_of(entry);
    made.member = entry.member_;
    made.type = entry.type_;
    made.wire = entry.type_->type;
    made.offset = entry.place_.offset();
    made.key = entry.key_;
    made.generated = entry.generated_;
    made.unique = entry.unique_;
    made.indexed = entry.indexed_;
    made.version = entry.version_;
    made.nullable = entry.type_->nullable && !entry.not_null_;
    made.server_default = entry.server_default_;
    made.server_computed = entry.server_computed_;
    made.last_writer_wins = entry.last_writer_wins_;
    return made;
}

// A descriptor together with the names that no literal of the mapping holds.
struct owning_descriptor : class_descriptor {
    std::deque<std::string> names{};
};

class builder {
public:
    builder(const mapping_view& view, const key_lookup& key_of_target) : view_(view), key_of_target_(key_of_target) {}

    owned_descriptor build() {
        made_->type = view_.type;
        made_->table = view_.table;
        made_->check_row = view_.check_row;
        made_->size = view_.size;
        made_->alignment = view_.alignment;
        made_->construct = view_.construct;
        made_->destroy = view_.destroy;
        made_->before_write = view_.before_write;
        add_key();
        add_others();
        for (const auto& entry : view_.uniques())
            add_unique(entry);
        for (std::size_t i = 0; i != made_->columns.size(); ++i)
            if (made_->columns[i].version) made_->version_column = static_cast<int>(i);
        refuse_equal_names();
        refuse_too_many_columns();
        return {made_.release(), [](class_descriptor* done) { delete static_cast<owning_descriptor*>(done); }};
    }

private:
    void add_key() {
        for (const auto& entry : view_.columns())
            if (entry.key_) made_->columns.push_back(describe_column(entry));
        made_->key_size = made_->columns.size();
    }

    // Columns and relations in the order in which the mapping lists them.
    void add_others() {
        const auto columns = view_.columns();
        const auto relations = view_.relations();
        auto column = columns.begin();
        auto relation = relations.begin();
        while (column != columns.end() || relation != relations.end()) {
            if (relation == relations.end() || (column != columns.end() && column->position_ < relation->position_)) {
                if (!column->key_ && !find_member(column->member_)) made_->columns.push_back(describe_column(*column));
                ++column;
            } else {
                add_relation(*relation++);
            }
        }
    }

    void add_relation(const relation_entry& entry) {
        auto& relation = made_->relations.emplace_back();
        relation.name = member_name(entry.spelling_);
        relation.kind = entry.kind_;
        relation.member = entry.member_;
        relation.target = entry.target_;
        relation.offset = entry.place_.offset();
        relation.nullable = entry.nullable_;
        relation.inverse = entry.inverse_;
        if (entry.kind_ != relation_kind::belongs_to) return;
        const auto key = key_of_target_(entry.target_);
        if (key.empty())
            fail(relation, "points to the class " + std::string(class_name(entry.target_class_)) +
                               ", whose mapping no source file has that uses " + std::string(class_name(entry.owner_)) +
                               "; include it in one of them");
        if (entry.member_count_ != 0)
            use_members(entry, relation, key);
        else
            derive_columns(entry, relation, key);
    }

    void use_members(const relation_entry& entry, relation_descriptor& relation, const std::vector<key_column>& key) {
        if (entry.member_count_ != key.size())
            fail(relation, "names " + std::to_string(entry.member_count_) +
                               " members for its foreign key, but the key "
                               "of its target has " +
                               std::to_string(key.size()) + " columns");
        for (std::size_t i = 0; i != key.size(); ++i) {
            const auto& member = entry.members_[i];
            const auto at = ensure_column(member);
            auto& column = made_->columns[at];
            if (column.relation < 0) column.relation = static_cast<int>(made_->relations.size()) - 1;
            if (column.wire != key[i].wire)
                fail(relation, "keeps its foreign key in the member " + std::string(column.name) +
                                   ", whose type is not that of the key it refers to");
            relation.columns.push_back(at);
        }
    }

    void derive_columns(const relation_entry& entry, relation_descriptor& relation,
                        const std::vector<key_column>& key) {
        for (const auto& part : key) {
            std::string name(entry.column_.empty() ? relation.name : entry.column_);
            if (key.size() != 1)
                name.append("_").append(part.name);
            else if (entry.column_.empty())
                name.append("_id");
            column_descriptor column;
            column.name = made_->names.emplace_back(std::move(name));
            column.wire = part.wire;
            column.relation = static_cast<int>(made_->relations.size()) - 1;
            column.nullable = relation.nullable;
            relation.columns.push_back(made_->columns.size());
            made_->columns.push_back(column);
        }
    }

    const column_descriptor* find_member(tag member) const {
        const auto found = std::ranges::find(made_->columns, member, &column_descriptor::member);
        return found == made_->columns.end() ? nullptr : &*found;
    }

    // The index of the column that maps a member, which need not have an entry of its own.
    std::size_t ensure_column(const column_entry& member) {
        if (const auto* found = find_member(member.member_))
            return static_cast<std::size_t>(found - made_->columns.data());
        const auto listed = std::ranges::find(view_.columns(), member.member_, &column_entry::member_);
        made_->columns.push_back(describe_column(listed == view_.columns().end() ? member : *listed));
        return made_->columns.size() - 1;
    }

    void add_unique(const unique_entry& entry) {
        auto& columns = made_->uniques.emplace_back();
        const auto add = [&columns](std::size_t column) {
            if (std::ranges::count(columns, column) == 0) columns.push_back(column);
        };
        for (const auto& member : entry.members()) {
            if (const auto* column = find_member(member.member)) {
                add(static_cast<std::size_t>(column - made_->columns.data()));
                continue;
            }
            const auto relation = std::ranges::find(made_->relations, member.member, &relation_descriptor::member);
            for (const auto column : relation->columns)
                add(column);
        }
    }

    void refuse_equal_names() const {
        for (const auto& column : made_->columns)
            if (std::ranges::count(made_->columns, column.name, &column_descriptor::name) != 1)
                throw configuration_error("the mapping of table " + std::string(view_.table) + " has two columns " +
                                          std::string(column.name) + "; name one of them otherwise");
    }

    void refuse_too_many_columns() const {
        if (made_->columns.size() <= most_columns) return;
        throw configuration_error("the mapping of table " + std::string(view_.table) + " has " +
                                  std::to_string(made_->columns.size()) + " columns; a class may have up to " +
                                  std::to_string(most_columns));
    }

    [[noreturn]] void fail(const relation_descriptor& relation, const std::string& reason) const {
        throw configuration_error("the relation " + std::string(relation.name) + " of table " +
                                  std::string(view_.table) + " " + reason);
    }

    const mapping_view& view_;
    const key_lookup& key_of_target_;
    std::unique_ptr<owning_descriptor> made_{std::make_unique<owning_descriptor>()};
};

} // namespace

namespace {

/// The place of the only belongs_to of `target` that points to `to`.
int only_reference(const class_descriptor& target, tag to) {
    int found = relation_descriptor::no_other_side;
    for (std::size_t i = 0; i < target.relations.size(); ++i) {
        if (target.relations[i].kind != relation_kind::belongs_to || target.relations[i].target != to) continue;
        if (found != relation_descriptor::no_other_side) return relation_descriptor::several_other_sides;
        found = static_cast<int>(i);
    }
    return found;
}

int reference_behind(const class_descriptor& type, const relation_descriptor& collection,
                     const class_descriptor& target) {
    if (collection.inverse == nullptr) return only_reference(target, type.type);
    const auto found = std::ranges::find(target.relations, collection.inverse, &relation_descriptor::member);
    return found == target.relations.end() ? relation_descriptor::no_other_side
                                           : static_cast<int>(found - target.relations.begin());
}

} // namespace

int find_other_side(const class_descriptor& type, std::size_t relation, const class_descriptor& target) {
    const auto& from = type.relations[relation];
    if (from.kind == relation_kind::has_many) return reference_behind(type, from, target);
    for (std::size_t i = 0; i < target.relations.size(); ++i) {
        const auto& candidate = target.relations[i];
        if (candidate.kind == relation_kind::has_many && candidate.target == type.type &&
            reference_behind(target, candidate, type) == static_cast<int>(relation))
            return static_cast<int>(i);
    }
    return relation_descriptor::no_other_side;
}

void resolve_targets(class_descriptor& type, const std::function<const class_descriptor*(tag)>& find) {
    for (auto& relation : type.relations)
        relation.target_class = find(relation.target);
}

void resolve_other_sides(class_descriptor& type) {
    for (std::size_t i = 0; i < type.relations.size(); ++i) {
        auto& relation = type.relations[i];
        if (relation.target_class != nullptr) relation.other_side = find_other_side(type, i, *relation.target_class);
    }
}

std::vector<key_column> key_columns_of(const class_descriptor& target) {
    std::vector<key_column> key;
    for (const auto& column : target.key())
        key.push_back({column.name, column.wire});
    return key;
}

std::vector<key_column> key_columns_of(const mapping_view& target) {
    std::vector<key_column> key;
    for (const auto& entry : target.columns())
        if (entry.key_) key.push_back({name_of(entry), entry.type_->type});
    return key;
}

owned_descriptor build_descriptor(const mapping_view& view, const key_lookup& key_of_target) {
    return builder(view, key_of_target).build();
}

} // namespace wharf::orm
