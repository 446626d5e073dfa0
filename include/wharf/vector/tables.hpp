// The tables of a vector database as mapped classes, so that a session can load, change and relate them like any
// others. They are those of the default names; for other table names map classes of your own.
#pragma once

#include "wharf/orm/belongs_to.hpp"
#include "wharf/orm/has_many.hpp"
#include "wharf/orm/mapping.hpp"
#include "wharf/row/codecs.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wharf {

struct stored_embedding;

/// When a session writes one, its hash and the times belong to the vector database: the hash follows what it covers,
/// and updated_at every change. Throws usage_error for text that not every database stores, and for metadata that is no
/// object.
struct stored_document {
    std::int64_t id{};
    std::optional<std::string> external_id{};
    std::string title{};
    std::string content{};
    json metadata{};
    std::string content_hash{}; ///< SHA-256 of title, content and metadata, in hexadecimal
    std::chrono::sys_time<std::chrono::microseconds> created_at{};
    std::chrono::sys_time<std::chrono::microseconds> updated_at{};
    has_many<stored_embedding> embeddings{};
};

struct stored_embedding {
    std::int64_t document_id{};
    std::int32_t ordinal{}; ///< from 0, in the order in which they were given
    belongs_to<stored_document> document{};
    std::string model{};
    std::vector<float> vector{};
};

/// What a flush calls; see write_hook.hpp.
void complete_document(stored_document& written, bool inserted);

constexpr auto wharf_mapping(type<stored_document>) {
    return table<stored_document>(
        "documents", primary_key<&stored_document::id>().generated(), column<&stored_document::external_id>().unique(),
        columns<&stored_document::title, &stored_document::content, &stored_document::metadata,
                &stored_document::content_hash, &stored_document::created_at, &stored_document::updated_at>(),
        relation<&stored_document::embeddings>().inverse<&stored_embedding::document>(),
        before_write<&complete_document>());
}

constexpr auto wharf_mapping(type<stored_embedding>) {
    return table<stored_embedding>("embeddings",
                                   primary_key<&stored_embedding::document_id, &stored_embedding::ordinal>(),
                                   relation<&stored_embedding::document>().key<&stored_embedding::document_id>(),
                                   columns<&stored_embedding::model, &stored_embedding::vector>());
}

} // namespace wharf
