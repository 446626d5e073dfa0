#include "postgres/type_catalogue.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wharf::postgres {

type_catalogue::snapshot type_catalogue::known() const {
    const std::lock_guard lock(mutex_);
    return {types_, generation_.load(std::memory_order_relaxed)};
}

void type_catalogue::add(std::uint64_t generation, std::vector<user_type> found) {
    const std::lock_guard lock(mutex_);
    if (generation_.load(std::memory_order_relaxed) != generation) return;
    auto more = std::make_shared<user_types>(*types_);
    more->add(std::move(found));
    types_ = std::move(more);
}

void type_catalogue::forget_all() {
    const std::lock_guard lock(mutex_);
    types_ = std::make_shared<const user_types>();
    generation_.fetch_add(1, std::memory_order_release);
}

bool changes_types(std::string_view command_tag) noexcept {
    // A table is a composite type too; the type of an extension has the same identifier until it is made anew.
    constexpr std::array<std::string_view, 8> tags{"ALTER TYPE",  "DROP TYPE",      "ALTER TABLE",     "DROP TABLE",
                                                   "DROP SCHEMA", "DROP EXTENSION", "ALTER EXTENSION", "DROP DOMAIN"};
    return std::ranges::find(tags, command_tag) != tags.end();
}

} // namespace wharf::postgres
