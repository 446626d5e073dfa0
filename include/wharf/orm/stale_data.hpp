// What a flush reports when rows are no longer what they were read as: others have changed or removed them.
//
//   try {
//       save(session);
//   } catch (const wharf::stale_data& lost) {
//       session.rollback(); // undoes the unit of work, all of it
//       save(session);      // once more, from fresh reads
//   }
#pragma once

#include "wharf/base/error.hpp"
#include "wharf/orm/entity.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wharf {

/// A column that holds something else than what was read. Values are as PostgreSQL writes them; nothing where NULL.
struct stale_column {
    orm::entity_base object{};
    std::string name{};
    std::optional<std::string> ours{};   ///< what was to be written
    std::optional<std::string> theirs{}; ///< what the database holds
};

/// What session.resolve() does with the changes that could not be written.
enum class resolution : std::uint8_t {
    keep_mine,   ///< the row is read again, and all that the unit of work had done to it is done once more
    take_theirs, ///< the row is read again
};
using enum resolution;

/// A row that was to be changed or removed is not there any more, or no longer holds what it was read with.
class stale_data : public error {
public:
    struct details {
        std::vector<orm::entity_base> objects{};
        std::vector<stale_column> columns{};
        std::uint64_t matched{0};
        std::uint64_t expected{0};
        bool transient{false};
    };

    using error::error;
    stale_data(const std::string& text, details known)
        : error(text), details_(std::make_shared<const details>(std::move(known))) {}

    /// True where the same work, from fresh reads, may succeed: what was lost had been read in the try that failed.
    [[nodiscard]] bool is_transient() const noexcept override { return details_ && details_->transient; }
    /// The objects whose rows they are. Where a savepoint failed: those of the statement that did, of many the
    /// first 20.
    [[nodiscard]] const std::vector<orm::entity_base>& objects() const noexcept { return known().objects; }
    /// Those of one class.
    template <class T>
    [[nodiscard]] std::vector<entity<T>> objects() const {
        std::vector<entity<T>> found;
        for (const auto& object : objects())
            if (object.state()->type == &describe<T>()) found.push_back(entity<T>(orm::entity_base(object)));
        return found;
    }
    /// What differs, as it was found after the rollback; nothing where it could not be looked up, where the row is
    /// gone, and of classes with a version column, which alone is compared.
    [[nodiscard]] const std::vector<stale_column>& columns() const noexcept { return known().columns; }
    /// Of how many rows of the statement the rest was as expected.
    [[nodiscard]] std::uint64_t matched() const noexcept { return known().matched; }
    [[nodiscard]] std::uint64_t expected() const noexcept { return known().expected; }

    [[nodiscard]] const details& known() const noexcept {
        static const details nothing{};
        return details_ ? *details_ : nothing;
    }

private:
    std::shared_ptr<const details> details_{}; // shared by the copies of the exception
};

} // namespace wharf
