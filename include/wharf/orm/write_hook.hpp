// What a mapping says a flush calls before it writes a row: wharf::before_write<&prepare>(), where
//
//   void prepare(Document& written, bool inserted);
//
// fills in what follows from the other members: a checksum, the time of the change. A flush calls it once for each
// object that it inserts, and for each of which a column differs from the database; what it changes is written with the
// rest. Nothing else calls it, neither is_modified() nor a rollback. It must not use the session. What it throws, the
// flush throws, before anything is sent.
#pragma once

#include "wharf/orm/column.hpp"

#include <cstddef>

namespace wharf {

namespace orm {

using write_hook = void (*)(void* object, bool inserted);

/// The entry of a mapping.
struct write_hook_entry {
    using key_part = key_list<>;
    using target = void;
    static constexpr std::size_t column_count = 0;
    static constexpr std::size_t relation_count = 0;
    write_hook called{nullptr};
};

namespace detail {
template <class T, auto Function>
void call_write_hook(void* object, bool inserted) {
    Function(*static_cast<T*>(object), inserted);
}
template <auto Function, class T>
consteval write_hook_entry make_write_hook(void (*)(T&, bool)) {
    return {&call_write_hook<T, Function>};
}
} // namespace detail

} // namespace orm

template <auto Function>
[[nodiscard]] consteval orm::write_hook_entry before_write() {
    return orm::detail::make_write_hook<Function>(Function);
}

} // namespace wharf
