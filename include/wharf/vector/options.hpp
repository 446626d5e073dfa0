// Settings of a vector database, and of a search in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wharf {

/// How far two embeddings are from each other.
enum class metric : std::uint8_t {
    cosine, ///< 1 - cos of the angle between them: 0 (same direction) to 2 (opposite)
};

/// The names stay with the caller only until the constructor has returned.
struct vector_options {
    std::size_t dimensions{0}; ///< of every embedding, 1 to 16,000; has to be given
    wharf::metric metric{wharf::metric::cosine};
    std::string_view model{"default"};         ///< names what made the embeddings; stored with them
    std::string_view documents{"documents"};   ///< table
    std::string_view embeddings{"embeddings"}; ///< table
};

struct search_options {
    std::size_t limit{10}; ///< the most documents to return, 1 to 10,000
};

} // namespace wharf
