// Reading and writing the parts of ranges and multiranges.
// Source: PostgreSQL, src/backend/utils/adt/rangetypes.c (range_send, range_out) and multirangetypes.c.
#pragma once

#include "wharf/row/cell.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wharf::detail {

/// A range taken apart: its bounds as cells.
struct range_parts {
    bool empty{false};
    bool lower_inclusive{false};
    bool upper_inclusive{false};
    cell_view lower{}; ///< NULL where the range has no lower bound
    cell_view upper{};
    std::string unquoted{}; ///< what the bounds point into where quotes had to be removed
};

/// Takes a range apart, in binary or as text: "[1,5)", "(,5]", "empty". Valid as long as `out` stays where it is and
/// the cell's bytes do. Throws conversion_error.
void read_range(const cell_view& cell, range_parts& out);

/// The ranges of a multirange, in binary or as text: "{[1,5),[7,9)}".
[[nodiscard]] std::vector<cell_view> read_multirange(const cell_view& cell);

/// Writes a range: the flags first, then the bounds that there are.
class range_writer {
public:
    range_writer(std::string& out, bool has_lower, bool lower_inclusive, bool has_upper, bool upper_inclusive);
    static void write_empty(std::string& out);
    /// The bounds that the range has, in order: `write(std::string& out)` appends the bytes.
    template <class Write>
    void add(Write&& write) {
        const auto start = open(*out_);
        write(*out_);
        close(*out_, start);
    }
    /// Leaves room for the length of what follows, and fills it in.
    [[nodiscard]] static std::size_t open(std::string& out);
    static void close(std::string& out, std::size_t start);

private:
    std::string* out_;
};

/// Begins a multirange of that many ranges, each of which follows between open() and close().
void begin_multirange(std::string& out, std::size_t ranges);

} // namespace wharf::detail
