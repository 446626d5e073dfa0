// table<User>("users", ...): the mapping of a class, as a value.
#pragma once

#include "wharf/orm/column.hpp"
#include "wharf/orm/relation_mapping.hpp"
#include "wharf/orm/unique_together.hpp"
#include "wharf/orm/write_hook.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

namespace wharf {

namespace orm {

/// What is wrong with a mapping. mapping.hpp has the sentences.
enum class mapping_fault : std::uint8_t {
    none,
    no_primary_key,
    member_named_twice,
    member_of_another_class,
    two_versions,
    version_not_integer,
    inverse_elsewhere,
    column_of_collection,
    no_other_side,
    several_other_sides,
    unique_of_unmapped,
};

template <class... Left, class... Right>
key_list<Left..., Right...> operator+(key_list<Left...>, key_list<Right...>);

template <class List>
struct key_type;
template <>
struct key_type<key_list<>> {
    using type = void;
};
template <class One>
struct key_type<key_list<One>> {
    using type = One;
};
template <class One, class Two, class... More>
struct key_type<key_list<One, Two, More...>> {
    using type = std::tuple<One, Two, More...>;
};

/// What the entries of a mapping point to, in their order: void where an entry is no relation.
template <class... Targets>
struct target_list {};

/// `Key` is the type of the primary key: void without one, a tuple when composite.
template <class T, class Key, std::size_t Columns, std::size_t Relations, std::size_t Uniques, class Targets>
struct table_mapping {
    using mapped_class = T;
    using key = Key;
    using targets = Targets;
    static constexpr std::size_t column_count = Columns;
    static constexpr std::size_t relation_count = Relations;
    static constexpr std::size_t unique_count = Uniques;

    std::string_view table{};
    mapping_fault fault{};
    write_hook before_write{nullptr};
    column_entry columns[Columns == 0 ? 1 : Columns]{};
    relation_entry relations[Relations == 0 ? 1 : Relations]{};
    unique_entry uniques[Uniques == 0 ? 1 : Uniques]{};
    bool whole_row{false};

    /// An UPDATE fails with stale_data when others have changed any column of the row since it was read, not only one
    /// that it writes.
    [[nodiscard]] consteval table_mapping check_row() const {
        auto copy = *this;
        copy.whole_row = true;
        return copy;
    }
};

/// Fills the arrays of a table_mapping.
struct table_builder {
    column_entry* columns;
    relation_entry* relations;
    unique_entry* uniques;
    std::size_t column_count{0};
    std::size_t relation_count{0};
    std::size_t unique_count{0};
    write_hook before_write{nullptr};

    constexpr void add(const write_hook_entry& entry) { before_write = entry.called; }
    constexpr void add(const column_entry& entry) {
        columns[column_count] = entry;
        columns[column_count].position_ = column_count + relation_count;
        ++column_count;
    }
    template <std::size_t Count>
    constexpr void add(const column_entries<Count>& several) {
        for (const auto& entry : several.entries_)
            add(entry);
    }
    template <auto... Members>
    constexpr void add(const key_entry<Members...>& key) {
        for (const auto& entry : key.entries_)
            add(entry);
    }
    constexpr void add(const relation_entry& entry) {
        relations[relation_count] = entry;
        relations[relation_count].position_ = column_count + relation_count;
        ++relation_count;
    }
    constexpr void add(const unique_entry& entry) { uniques[unique_count++] = entry; }

    [[nodiscard]] constexpr mapping_fault check(const char* owner) const {
        bool key = false;
        bool version = false;
        for (std::size_t i = 0; i != column_count; ++i) {
            const auto& entry = columns[i];
            if (entry.spelling_ == nullptr) return mapping_fault::none; // refused already
            if (!detail::same(entry.owner_, owner)) return mapping_fault::member_of_another_class;
            for (std::size_t j = 0; j != i; ++j)
                if (detail::same(columns[j].spelling_, entry.spelling_)) return mapping_fault::member_named_twice;
            if (entry.key_) key = true;
            if (entry.version_) {
                if (version) return mapping_fault::two_versions;
                version = true;
                const auto oid = entry.type_->type;
                if (entry.type_->nullable || (oid != type_oid::int2 && oid != type_oid::int4 && oid != type_oid::int8))
                    return mapping_fault::version_not_integer;
            }
        }
        for (std::size_t i = 0; i != relation_count; ++i) {
            const auto& entry = relations[i];
            if (entry.spelling_ == nullptr) return mapping_fault::none;
            if (!detail::same(entry.owner_, owner)) return mapping_fault::member_of_another_class;
            for (std::size_t j = 0; j != i; ++j)
                if (detail::same(relations[j].spelling_, entry.spelling_)) return mapping_fault::member_named_twice;
            for (std::size_t j = 0; j != entry.member_count_; ++j)
                if (entry.members_[j].spelling_ != nullptr && !detail::same(entry.members_[j].owner_, owner))
                    return mapping_fault::member_of_another_class;
            if (entry.inverse_owner_ != nullptr && !detail::same(entry.inverse_owner_, entry.target_class_))
                return mapping_fault::inverse_elsewhere;
            if (entry.kind_ == relation_kind::has_many && (!entry.column_.empty() || entry.member_count_ != 0))
                return mapping_fault::column_of_collection;
        }
        for (std::size_t i = 0; i != unique_count; ++i) {
            for (const auto& member : uniques[i].members()) {
                if (!detail::same(member.owner, owner)) return mapping_fault::member_of_another_class;
                if (!is_mapped(member.spelling)) return mapping_fault::unique_of_unmapped;
            }
        }
        return key ? mapping_fault::none : mapping_fault::no_primary_key;
    }

private:
    /// As a column, or as something that has columns.
    [[nodiscard]] constexpr bool is_mapped(const char* member) const {
        for (std::size_t i = 0; i != column_count; ++i)
            if (detail::same(columns[i].spelling_, member)) return true;
        for (std::size_t i = 0; i != relation_count; ++i) {
            const auto& entry = relations[i];
            if (entry.kind_ == relation_kind::belongs_to && detail::same(entry.spelling_, member)) return true;
            for (std::size_t j = 0; j != entry.member_count_; ++j)
                if (detail::same(entry.members_[j].spelling_, member)) return true;
        }
        return false;
    }
};

} // namespace orm

/// The mapping of T to the table `name`, a literal (`schema.table` names the schema too).
template <class T, class... Entries>
[[nodiscard]] consteval auto table(std::string_view name, const Entries&... entries) {
    using key = typename orm::key_type<decltype((orm::key_list<>{} + ... + typename Entries::key_part{}))>::type;
    orm::table_mapping<T, key, (Entries::column_count + ... + 0), (Entries::relation_count + ... + 0),
                       (orm::unique_count_of<Entries> + ... + 0), orm::target_list<typename Entries::target...>>
        made{};
    made.table = name;
    orm::table_builder builder{made.columns, made.relations, made.uniques};
    (builder.add(entries), ...);
    made.before_write = builder.before_write;
    made.fault = builder.check(orm::detail::class_spelling<T>());
    return made;
}

} // namespace wharf
