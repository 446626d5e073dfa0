// The vector database as ops: what basic_vector_database runs for its callers.
#pragma once

#include "wharf/base/error.hpp"
#include "wharf/connection/connection_core.hpp"
#include "wharf/pool/pool_core.hpp"
#include "wharf/vector/document.hpp"
#include "wharf/vector/options.hpp"
#include "wharf/vector/search_result.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace wharf {

/// An embedding, or the lack of one, that cannot be stored or searched for; nothing was sent.
class invalid_embedding : public usage_error {
public:
    using usage_error::usage_error;
};

/// Any thread, any number of ops at once. The pool outlives it.
class vector_core {
public:
    /// Throws configuration_error for dimensions out of range and empty names.
    vector_core(pool_core& pool, const vector_options& options);
    ~vector_core();
    vector_core(const vector_core&) = delete;
    vector_core& operator=(const vector_core&) = delete;

    [[nodiscard]] io::op<void> create_schema();
    [[nodiscard]] io::op<std::vector<std::int64_t>> add_documents(std::vector<embedded_document> added);
    [[nodiscard]] io::op<std::int64_t> add_document(embedded_document added);
    [[nodiscard]] io::op<void> remove_document(std::int64_t id);
    [[nodiscard]] io::op<std::int64_t> count();
    [[nodiscard]] io::op<search_result> search(embedding query, search_options options, metadata_filter filter);
    [[nodiscard]] std::string describe() const;

    [[nodiscard]] pool_core& pool() noexcept { return pool_; }

private:
    class statements;

    /// A connection, to a database whose collection is known to be this one's.
    [[nodiscard]] io::op<lease> borrow();
    [[nodiscard]] io::op<lease> acquire();
    /// Throws configuration_error where the collection's row says something else than the options, or is not there.
    [[nodiscard]] io::op<void> compare_collection(connection_core& on);
    void check(const embedding& vector, const std::string& what) const;
    void check(const std::vector<embedded_document>& added) const;
    [[nodiscard]] io::op<std::vector<std::int64_t>> insert_with_arrays(connection_core& on,
                                                                       const std::vector<embedded_document>& added);
    [[nodiscard]] io::op<std::vector<std::int64_t>> insert_one_by_one(connection_core& on,
                                                                      const std::vector<embedded_document>& added);

    pool_core& pool_;
    std::size_t dimensions_;
    std::string model_;
    std::unique_ptr<const statements> sql_;
    std::atomic<bool> compared_{false}; // once
};

} // namespace wharf
