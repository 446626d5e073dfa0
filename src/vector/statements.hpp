// The SQL of a vector database, for one backend and its table names.
#pragma once

#include "wharf/connection/driver.hpp"
#include "wharf/vector/options.hpp"
#include "wharf/vector/vector_core.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wharf {

class vector_core::statements {
public:
    statements(backend kind, const vector_options& options);

    backend kind;
    std::string documents; ///< plain name of the table, for messages and the collection's row
    std::string embeddings;

    /// Creates what is missing; no placeholders.
    std::vector<std::string> create;
    /// $1 documents table, $2 embeddings table, $3 model, $4 dimensions, $5 metric, $6 storage, $7 index
    std::string register_collection;
    /// $1 documents table -> embeddings table, dimensions, metric, model
    std::string read_collection;
    /// PostgreSQL, all documents at once: $1 external ids, $2 titles, $3 contents, $4 metadata, $5 hashes (arrays) and
    /// $6 document numbers from 1, $7 ordinals (one of each per embedding), $8 all numbers of all embeddings, $9
    /// dimensions, $10 model -> ids in order.
    std::string insert_all;
    /// SQLite: $1 external id, $2 title, $3 content, $4 metadata, $5 hash -> id
    std::string insert_document;
    /// SQLite: $1 document id, $2 ordinal, $3 model, $4 vector
    std::string insert_embedding;
    /// $1 id
    std::string remove;
    std::string count;
    /// $1 query vector, $2 sum of its squares, $3 model, $4 limit (one more than wanted tells whether there are more),
    /// $5 metadata that must be there -> see read_hit()
    std::string search;
    std::string search_filtered;

    [[nodiscard]] std::string_view storage() const noexcept;

private:
    void write_postgres(const std::string& d, const std::string& e, const std::string& dimensions);
    void write_sqlite(const std::string& d, const std::string& e, const std::string& dimensions);
};

} // namespace wharf
