// The values of a statement's placeholders, encoded.
#pragma once

#include "wharf/base/error.hpp"
#include "wharf/base/small_vector.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/cell.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace wharf {

/// Encoded parameters: for each an int32 length (-1 for NULL) and its bytes, as PostgreSQL's Bind message wants them,
/// in PostgreSQL's binary format of the type that belongs to the C++ type (text: `type_oid::text`). What a driver has
/// to change for its backend, it changes on the way out.
class parameters {
public:
    static constexpr std::int32_t unset = -2; ///< the length of what add_unset() adds

    /// Adds NULL. `type` is what a value would have been.
    void add_null(type_oid type) {
        entries_.push_back({type, bytes_.size()});
        append(bytes_, std::int32_t{-1});
    }

    /// Adds the mark of a column that is left to its server default. It stays within the session: what is sent to a
    /// server has none.
    void add_unset(type_oid type) {
        entries_.push_back({type, bytes_.size()});
        append(bytes_, unset);
    }

    /// Adds a value: `write(std::string& out)` appends its bytes. At most 1 GiB; more throws conversion_error. One that
    /// `write` throws gets the number of the parameter.
    template <class Write>
    void add(type_oid type, Write&& write) {
        const auto start = open(type);
        try {
            std::forward<Write>(write)(bytes_);
        } catch (const conversion_error& refused) {
            refuse(refused);
        }
        close(start);
    }

    /// Adds a value that is encoded already.
    void add_encoded(type_oid type, std::string_view bytes) {
        const auto start = open(type);
        bytes_.append(bytes);
        close(start);
    }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    /// The parameter at `index`, from 0.
    [[nodiscard]] cell_view operator[](std::size_t index) const noexcept;
    /// Lengths and bytes of all parameters one after the other.
    [[nodiscard]] std::string_view encoded() const noexcept { return bytes_; }
    /// Lengths and bytes of the parameter at `index`, from 0.
    [[nodiscard]] std::string_view encoded(std::size_t index) const noexcept;
    void clear() noexcept {
        bytes_.clear();
        entries_.clear();
    }

private:
    struct entry {
        type_oid type;
        std::size_t at; // of its length in bytes_
    };

    [[nodiscard]] std::size_t open(type_oid type);
    void close(std::size_t start);
    [[noreturn]] void refuse(const conversion_error& why) const;

    std::string bytes_{};
    detail::small_vector<entry, 4> entries_{};
};

} // namespace wharf
