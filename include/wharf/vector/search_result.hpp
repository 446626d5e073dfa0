// What a search found.
#pragma once

#include "wharf/vector/tables.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace wharf {

/// A document and how far its nearest embedding is from the one that was searched for.
struct search_hit {
    double distance{};
    std::int32_t ordinal{};     ///< of that embedding
    stored_document document{}; ///< its embeddings are not loaded
};

/// The nearest documents, nearest first; documents at the same distance by id.
class search_result {
public:
    search_result() = default;
    search_result(std::vector<search_hit> hits, std::size_t requested, bool exhausted)
        : hits_(std::move(hits)), requested_(requested), exhausted_(exhausted) {}

    [[nodiscard]] auto begin() const noexcept { return hits_.begin(); }
    [[nodiscard]] auto end() const noexcept { return hits_.end(); }
    [[nodiscard]] std::size_t size() const noexcept { return hits_.size(); }
    [[nodiscard]] bool empty() const noexcept { return hits_.empty(); }
    [[nodiscard]] const search_hit& operator[](std::size_t index) const noexcept { return hits_[index]; }

    [[nodiscard]] std::size_t requested() const noexcept { return requested_; }
    [[nodiscard]] std::size_t returned() const noexcept { return hits_.size(); }
    /// There are no more documents that the filter lets through.
    [[nodiscard]] bool exhausted() const noexcept { return exhausted_; }
    /// Whether an index may have missed a nearer one. The exact scan never does.
    [[nodiscard]] bool approximate() const noexcept { return false; }

private:
    std::vector<search_hit> hits_{};
    std::size_t requested_{0};
    bool exhausted_{true};
};

} // namespace wharf
