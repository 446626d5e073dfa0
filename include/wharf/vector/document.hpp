// What a vector database stores: documents, and the embeddings that stand for them.
#pragma once

#include "wharf/vector/metadata.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wharf {

/// An embedding: as many numbers as the database has dimensions, all finite, not all zero.
using embedding = std::vector<float>;

/// A document to be added: `document{"title", "content"}.metadata("lang", "en").external_id("42")`.
class document {
public:
    document() = default;
    explicit document(std::string title, std::string content = {})
        : title_(std::move(title)), content_(std::move(content)) {}

    /// Says something about the document that a search may ask for; a second value for a key replaces the first.
    template <class Value>
    document& metadata(std::string key, Value&& value) & {
        metadata_.set(std::move(key), metadata_value(std::forward<Value>(value)));
        return *this;
    }
    template <class Value>
    document&& metadata(std::string key, Value&& value) && {
        return std::move(metadata(std::move(key), std::forward<Value>(value)));
    }
    /// The name that the document has elsewhere; two documents may not have the same.
    document& external_id(std::string id) & {
        external_id_ = std::move(id);
        return *this;
    }
    document&& external_id(std::string id) && { return std::move(external_id(std::move(id))); }

    [[nodiscard]] const std::string& title() const noexcept { return title_; }
    [[nodiscard]] const std::string& content() const noexcept { return content_; }
    [[nodiscard]] const metadata_object& metadata() const noexcept { return metadata_; }
    [[nodiscard]] const std::optional<std::string>& external_id() const noexcept { return external_id_; }

private:
    std::string title_{};
    std::string content_{};
    metadata_object metadata_{};
    std::optional<std::string> external_id_{};
};

/// A document with its one or more embeddings, for add_documents. A class with constructors, so that it may be written
/// in braces inside a co_await expression.
class embedded_document {
public:
    embedded_document(wharf::document stored, wharf::embedding only) : document_(std::move(stored)) {
        embeddings_.push_back(std::move(only));
    }
    embedded_document(wharf::document stored, std::vector<wharf::embedding> several)
        : document_(std::move(stored)), embeddings_(std::move(several)) {}

    [[nodiscard]] const wharf::document& document() const noexcept { return document_; }
    [[nodiscard]] const std::vector<wharf::embedding>& embeddings() const noexcept { return embeddings_; }

private:
    wharf::document document_;
    std::vector<wharf::embedding> embeddings_{};
};

} // namespace wharf
