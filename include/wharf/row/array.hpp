// Arrays as PostgreSQL has them.
//
//   wharf::array<std::optional<int>> table({{2, 1}, {3, 1}}, {1, 2, 3, 4, std::nullopt, 6});   // {{1,2,3},{4,NULL,6}}
#pragma once

#include "wharf/row/arrays.hpp"

#include <utility>
#include <vector>

namespace wharf {

/// Any number of dimensions with any lower bounds. Where the elements are of no fixed number of dimensions; otherwise
/// vectors are simpler.
template <class T>
class array {
public:
    array() = default;
    /// One dimension with indexes from 1.
    explicit array(std::vector<T> elements) : values(std::move(elements)) {
        if (!values.empty()) dimensions.push_back({static_cast<std::int32_t>(values.size()), 1});
    }
    /// Checked when it becomes a parameter: the sizes' product is the number of elements.
    array(std::vector<array_dimension> shape, std::vector<T> elements)
        : dimensions(std::move(shape)), values(std::move(elements)) {}

    bool operator==(const array&) const = default;

    std::vector<array_dimension> dimensions{}; ///< the outermost first; none where there are no elements
    std::vector<T> values{};                   ///< those of the last dimension lie side by side
};

/// On SQLite, arrays whose indexes start at 1.
template <class T>
    requires encodable<T> || decodable<T>
struct codec<array<T>> {
    static constexpr type_oid type = detail::array_type_of<T>();

    static void encode(const array<T>& value, std::string& out)
        requires encodable<T>
    {
        array_writer writer(out, codec<T>::type, value.dimensions);
        detail::write_dimension(value.values, writer);
        writer.finish();
    }
    static void decode(const cell_view& cell, array<T>& out)
        requires decodable<T>
    {
        array_reader from(cell);
        out.dimensions.assign(from.dimensions().begin(), from.dimensions().end());
        out.values.resize(from.size());
        detail::read_elements(from, out.values);
        from.expect_end();
    }
};

} // namespace wharf
