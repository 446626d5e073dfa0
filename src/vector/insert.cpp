// Writing documents: arrays in one statement on PostgreSQL, prepared single rows in one transaction on SQLite.
#include "vector/content_hash.hpp"
#include "vector/statements.hpp"
#include "wharf/connection/batch.hpp"
#include "wharf/orm/errors.hpp"
#include "wharf/row/encode.hpp"
#include "wharf/row/rows.hpp"

#include <functional>
#include <span>

namespace wharf {
namespace {

/// One parameter: an array of text, with NULL for an empty optional.
template <class Get>
void add_texts(parameters& out, std::span<const embedded_document> added, Get get) {
    out.add(type_oid::text_array, [&](std::string& bytes) {
        array_writer writer(bytes, type_oid::text);
        for (const auto& one : added) {
            const std::optional<std::string_view> text = get(one.document());
            if (text) {
                writer.add_encoded(*text);
            } else {
                writer.add_null();
            }
        }
        writer.finish();
    });
}

std::optional<std::string_view> external_id_of(const document& from) {
    if (!from.external_id()) return std::nullopt;
    return *from.external_id();
}

/// What insert_all takes.
parameters array_parameters(std::span<const embedded_document> added, std::size_t dimensions,
                            const std::string& model) {
    std::vector<std::string> metadata;
    std::vector<std::string> hashes;
    std::vector<std::int64_t> numbers;
    std::vector<std::int32_t> ordinals;
    std::vector<float> flat;
    for (const auto& one : added) {
        const auto& text = one.document();
        metadata.push_back(text.metadata().json());
        hashes.push_back(content_hash(text.title(), text.content(), metadata.back()));
        for (std::size_t ordinal = 0; ordinal < one.embeddings().size(); ++ordinal) {
            numbers.push_back(static_cast<std::int64_t>(hashes.size()));
            ordinals.push_back(static_cast<std::int32_t>(ordinal));
            const auto& vector = one.embeddings()[ordinal];
            flat.insert(flat.end(), vector.begin(), vector.end());
        }
    }
    parameters values;
    add_texts(values, added, external_id_of);
    add_texts(values, added, std::mem_fn(&document::title));
    add_texts(values, added, std::mem_fn(&document::content));
    encode_parameters(values, metadata, hashes, numbers, ordinals, flat, static_cast<std::int32_t>(dimensions), model);
    return values;
}

/// How many documents, of those from `first` on, go into one statement: their numbers fill an array, which holds at
/// most 1 GiB, and the server keeps it in memory.
std::size_t share(std::span<const embedded_document> rest) {
    constexpr std::size_t most_numbers = std::size_t{4} << 20;
    std::size_t numbers = 0;
    std::size_t documents = 0;
    for (const auto& one : rest) {
        for (const auto& vector : one.embeddings())
            numbers += vector.size();
        if (documents > 0 && numbers > most_numbers) break;
        ++documents;
    }
    return documents;
}

void append_ids(std::vector<std::int64_t>& ids, const result& found, std::size_t expected, std::string_view table) {
    if (found.size() != expected) {
        throw flush_failed("the database kept " + std::to_string(found.size()) + " of " + std::to_string(expected) +
                           " documents inserted into \"" + std::string(table) + "\"; does a trigger drop rows?");
    }
    for (const auto id : rows<std::int64_t>(found))
        ids.push_back(id);
}

} // namespace

io::op<std::vector<std::int64_t>> vector_core::insert_with_arrays(connection_core& on,
                                                                  const std::vector<embedded_document>& added) {
    std::vector<std::int64_t> ids;
    ids.reserve(added.size());
    std::span<const embedded_document> rest(added);
    on.begin();
    do {
        const auto now = rest.first(share(rest));
        rest = rest.subspan(now.size());
        const auto values = array_parameters(now, dimensions_, model_);
        result found;
        batch_item item;
        item.sql = sql_->insert_all;
        item.values = &values;
        item.rows = &found;
        const auto afterwards = rest.empty() ? then::commit : then::nothing;
        co_await on.run(std::span(&item, 1), afterwards);
        throw_first_error(std::span(&item, 1));
        append_ids(ids, found, now.size(), sql_->documents);
    } while (!rest.empty());
    co_return ids;
}

io::op<std::vector<std::int64_t>> vector_core::insert_one_by_one(connection_core& on,
                                                                 const std::vector<embedded_document>& added) {
    transaction_options options;
    options.immediate = true;
    on.begin(options);

    std::vector<parameters> values(added.size());
    std::vector<result> found(added.size());
    std::vector<batch_item> items(added.size());
    for (std::size_t i = 0; i < added.size(); ++i) {
        const auto& text = added[i].document();
        const auto metadata = text.metadata().json();
        encode_parameters(values[i], text.external_id(), text.title(), text.content(), json(metadata),
                          content_hash(text.title(), text.content(), metadata));
        items[i].sql = sql_->insert_document;
        items[i].values = &values[i];
        items[i].rows = &found[i];
    }
    co_await on.run(items);
    throw_first_error(items);
    std::vector<std::int64_t> ids;
    ids.reserve(added.size());
    for (const auto& one : found)
        append_ids(ids, one, 1, sql_->documents);

    values.clear();
    for (std::size_t i = 0; i < added.size(); ++i) {
        std::int32_t ordinal = 0;
        for (const auto& vector : added[i].embeddings()) {
            encode_parameters(values.emplace_back(), ids[i], ordinal++, model_, vector);
        }
    }
    items.assign(values.size(), batch_item());
    for (std::size_t i = 0; i < items.size(); ++i) {
        items[i].sql = sql_->insert_embedding;
        items[i].values = &values[i];
    }
    co_await on.run(items, then::commit);
    throw_first_error(items);
    co_return ids;
}

} // namespace wharf
