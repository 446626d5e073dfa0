// describe<T>(): the descriptor of a mapped class.
//
// A class whose descriptor is asked for anywhere in the program is registered when the program starts, together with
// the classes that its relations point to, as far as that source file has them complete; the descriptor is built on
// first use, when all are registered, since the columns of a foreign key follow from the target's key.
#pragma once

#include "wharf/orm/mapping.hpp"

#include <atomic>
#include <cstddef>
#include <new>
#include <span>
#include <string_view>

namespace wharf {

namespace orm {

/// A mapping without its types, as its author wrote it.
struct mapping_view {
    tag type{};
    std::string_view table{};
    const column_entry* first_column{nullptr};
    std::size_t column_count{0};
    const relation_entry* first_relation{nullptr};
    std::size_t relation_count{0};
    const unique_entry* first_unique{nullptr};
    std::size_t unique_count{0};
    std::size_t size{0};
    std::size_t alignment{0};
    void (*construct)(void* memory){nullptr};
    void (*destroy)(void* object){nullptr};
    bool check_row{false};
    write_hook before_write{nullptr};

    [[nodiscard]] std::span<const column_entry> columns() const noexcept { return {first_column, column_count}; }
    [[nodiscard]] std::span<const relation_entry> relations() const noexcept {
        return {first_relation, relation_count};
    }
    [[nodiscard]] std::span<const unique_entry> uniques() const noexcept { return {first_unique, unique_count}; }
};

/// A class in the registry. Constant-initialised, so that it can be used before main.
class registration {
public:
    constexpr explicit registration(const mapping_view& view) noexcept : view_(view) {}
    registration(const registration&) = delete;
    registration& operator=(const registration&) = delete;

    /// Makes the class known to find_descriptor(). Any thread, any number of times.
    bool enlist() noexcept;
    /// Any thread. Throws configuration_error when a belongs_to of the class, or what it points to, cannot work.
    [[nodiscard]] const class_descriptor& descriptor() {
        if (const auto* built = built_.load(std::memory_order_acquire)) return *built;
        return build();
    }
    [[nodiscard]] const mapping_view& view() const noexcept { return view_; }

private:
    friend class registry;
    const class_descriptor& build();

    mapping_view view_;
    std::atomic<const class_descriptor*> built_{nullptr};
};

namespace detail {
template <class T>
void construct(void* memory) {
    ::new (memory) T();
}
template <class T>
void destroy(void* object) {
    static_cast<T*>(object)->~T();
}

template <class T>
inline constinit registration registration_of{{tag_of<T>, mapping<T>.table, mapping<T>.columns, mapping<T>.column_count,
                                               mapping<T>.relations, mapping<T>.relation_count, mapping<T>.uniques,
                                               mapping<T>.unique_count, sizeof(T), alignof(T), &construct<T>,
                                               &destroy<T>, mapping<T>.whole_row, mapping<T>.before_write}};
template <class T>
bool enlist();
template <class T>
inline const bool enlisted = enlist<T>();

template <class T, class Target>
void enlist_target() {
    // Not a concept, whose answer would be kept: this is asked at the end of the source file, where all that it
    // includes is complete. A file that only declares the target leaves the registration to one that has it; nothing
    // rests on which of the two functions the linker keeps, since each file runs the initialisers that it instantiates.
    if constexpr (requires { sizeof(Target); }) {
        if constexpr (mapped<Target>) {
            if constexpr (check_mapping<Target>() && check_other_side<T, Target>()) static_cast<void>(enlisted<Target>);
        }
    }
}
template <class T, class... Targets>
void enlist_targets(target_list<Targets...> /*of*/) {
    (enlist_target<T, Targets>(), ...);
}
template <class T>
bool enlist() {
    enlist_targets<T>(typename std::remove_cv_t<decltype(mapping<T>)>::targets{});
    return registration_of<T>.enlist();
}
} // namespace detail
} // namespace orm

/// The descriptor of a mapped class, const or not. Any thread; the first call builds it. Throws configuration_error
/// when a relation of the class cannot work.
template <class T>
[[nodiscard]] const orm::class_descriptor& describe() {
    using plain = std::remove_cv_t<T>;
    if constexpr (orm::check_mapping<plain>()) {
        static_cast<void>(orm::detail::enlisted<plain>);
        return orm::detail::registration_of<plain>.descriptor();
    } else {
        __builtin_unreachable(); // it does not compile
    }
}

} // namespace wharf
