// Documents and their embeddings, stored together and found by similarity.
//
//   wharf::engine engine{"sqlite:///library.db"};
//   wharf::vector_database db{engine, {.dimensions = 384}};
//   db.create_schema();
//   auto id = db.add_document(wharf::document{"title", "content"}.metadata("lang", "en"), embedding);
//   for (const auto& hit : db.search(query, {.limit = 10})) std::cout << hit.distance << ' ' << hit.document.title;
#pragma once

#include "wharf/io/blocking.hpp"
#include "wharf/pool/pool.hpp"
#include "wharf/vector/vector_core.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wharf {

template <class Mode>
class basic_engine; // orm/engine.hpp

/// `vector_database` blocks; `async_vector_database` (wharf/asio.hpp) returns awaitables. Any thread, any number of
/// calls at once, each on a connection of its own. Everything a call writes is written in one transaction: all of it or
/// nothing. The first call compares the options with what the database says of the collection: another number of
/// dimensions, metric, model or table is configuration_error, as is a collection that nobody has created.
template <class Mode>
class basic_vector_database {
    template <class T>
    using result = typename Mode::template result<T>;

public:
    /// Works through the connections of the engine or pool, which outlives it. No I/O.
    /// Throws configuration_error for options that cannot work.
    basic_vector_database(basic_engine<Mode>& through, const vector_options& options)
        : core_(std::make_unique<vector_core>(through.pool().core(), options)) {}
    basic_vector_database(basic_pool<Mode>& through, const vector_options& options)
        : core_(std::make_unique<vector_core>(through.core(), options)) {}

    /// Creates the tables unless they are there. Throws configuration_error when they are there for embeddings of other
    /// dimensions, another metric or another model.
    result<void> create_schema(const call_options& call = {}) { return run(core_->create_schema(), call); }

    /// Stores a document with its embedding or embeddings and returns its id. Throws invalid_embedding (wrong
    /// dimension, NaN or infinity, empty, zero vector, none at all) and usage_error (text with a NUL or not in UTF-8)
    /// before anything is sent, and unique_violation for an external id that is taken. On SQLite a thread whose own
    /// session or connection has written in a transaction that is still open gets usage_error: it would wait for
    /// itself.
    result<std::int64_t> add_document(document added, embedding only, const call_options& call = {}) {
        return run(core_->add_document(embedded_document(std::move(added), std::move(only))), call);
    }
    result<std::int64_t> add_document(document added, std::vector<embedding> several, const call_options& call = {}) {
        return run(core_->add_document(embedded_document(std::move(added), std::move(several))), call);
    }
    /// Stores all of them or none, and returns their ids in the same order.
    result<std::vector<std::int64_t>> add_documents(std::vector<embedded_document> added,
                                                    const call_options& call = {}) {
        return run(core_->add_documents(std::move(added)), call);
    }

    /// Removes a document with its embeddings. Throws no_result when there is no such document.
    result<void> remove_document(std::int64_t id, const call_options& call = {}) {
        return run(core_->remove_document(id), call);
    }

    /// How many documents there are.
    result<std::int64_t> count(const call_options& call = {}) { return run(core_->count(), call); }

    /// The documents nearest to `query`, each by its nearest embedding. Throws invalid_embedding.
    result<search_result> search(embedding query, search_options options = {}, metadata_filter filter = {},
                                 const call_options& call = {}) {
        return run(core_->search(std::move(query), options, std::move(filter)), call);
    }

    /// How embeddings are stored and searched for here, in words.
    [[nodiscard]] std::string describe() const { return core_->describe(); }

private:
    template <class T>
    result<T> run(io::op<T> work, const call_options& call) {
        return Mode::run(core_->pool().context(), std::move(work), call);
    }

    std::unique_ptr<vector_core> core_; // stays where it is when this moves: running ops refer to it
};

using vector_database = basic_vector_database<blocking>;

} // namespace wharf
