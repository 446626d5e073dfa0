#include "wharf/vector/vector_core.hpp"

#include "vector/checked_text.hpp"
#include "vector/statements.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/connection/batch.hpp"
#include "wharf/row/encode.hpp"
#include "wharf/row/rows.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace wharf {
namespace {

constexpr std::size_t most_dimensions = 16'000; // what pgvector can store
constexpr std::size_t most_hits = 10'000;

double sum_of_squares(const embedding& vector) {
    double sum = 0;
    for (const float value : vector)
        sum += static_cast<double>(value) * value;
    return sum;
}

std::string_view name_of(metric /*which: there is one*/) {
    return "cosine";
}

search_result read_hits(const result& found, std::size_t requested) {
    using timestamp = decltype(stored_document::created_at);
    rows<double, std::int32_t, std::int64_t, std::optional<std::string>, std::string, std::string, json, std::string,
         timestamp, timestamp>
        read(found);
    std::vector<search_hit> hits(std::min(read.size(), requested));
    for (std::size_t index = 0; index < hits.size(); ++index) {
        auto& hit = hits[index];
        auto& stored = hit.document;
        std::tie(hit.distance, hit.ordinal, stored.id, stored.external_id, stored.title, stored.content,
                 stored.metadata, stored.content_hash, stored.created_at, stored.updated_at) = std::move(read[index]);
    }
    return {std::move(hits), requested, read.size() <= requested};
}

} // namespace

vector_core::vector_core(pool_core& pool, const vector_options& options)
    : pool_(pool), dimensions_(options.dimensions), model_(options.model) {
    if (dimensions_ == 0 || dimensions_ > most_dimensions) {
        throw configuration_error("vector_options.dimensions is " + std::to_string(dimensions_) +
                                  "; embeddings have 1 to " + std::to_string(most_dimensions) + " dimensions");
    }
    for (const auto& [setting, value] : {std::pair("model", options.model), std::pair("documents", options.documents),
                                         std::pair("embeddings", options.embeddings)}) {
        const auto name = "vector_options." + std::string(setting);
        if (value.empty()) throw configuration_error(name + " is empty");
        if (value.find('\0') != std::string_view::npos || find_bad_utf8(value) != std::string_view::npos)
            throw configuration_error(name + " is not text in UTF-8 without NUL");
    }
    if (options.documents == options.embeddings) {
        throw configuration_error("vector_options.documents and vector_options.embeddings both name the table \"" +
                                  std::string(options.documents) + "\"; documents and embeddings need one each");
    }
    sql_ = std::make_unique<const statements>(pool_.database().kind(), options);
}

vector_core::~vector_core() = default;

void vector_core::check(const embedding& vector, const std::string& what) const {
    if (vector.empty())
        throw invalid_embedding(what + " is empty; it needs " + std::to_string(dimensions_) + " numbers");
    if (vector.size() != dimensions_) {
        throw invalid_embedding(what + " has " + std::to_string(vector.size()) + " dimensions; this database stores " +
                                std::to_string(dimensions_));
    }
    bool all_zero = true;
    for (std::size_t i = 0; i < vector.size(); ++i) {
        if (!std::isfinite(vector[i])) {
            throw invalid_embedding(what + " holds " + std::to_string(vector[i]) + " at index " + std::to_string(i) +
                                    "; every number must be finite");
        }
        all_zero = all_zero && vector[i] == 0.0F;
    }
    if (all_zero)
        throw invalid_embedding(what + " is all zeros, which has no direction: cosine distance is not defined");
}

void vector_core::check(const std::vector<embedded_document>& added) const {
    for (std::size_t i = 0; i < added.size(); ++i) {
        const auto& vectors = added[i].embeddings();
        const auto& text = added[i].document();
        const auto which = added.size() == 1 ? std::string() : " of document " + std::to_string(i);
        if (vectors.empty())
            throw invalid_embedding("there is no embedding" + which + "; a document needs at least one");
        for (std::size_t k = 0; k < vectors.size(); ++k)
            check(vectors[k], "embedding " + std::to_string(k) + which);
        require_text(text.title(), "the title" + which);
        require_text(text.content(), "the content" + which);
        if (text.external_id()) require_text(*text.external_id(), "the external id" + which);
        static_cast<void>(text.metadata().json());
    }
}

io::op<lease> vector_core::acquire() {
    auto lent = pool_.try_acquire_now();
    if (!lent) lent = co_await pool_.acquire();
    co_return lent;
}

io::op<lease> vector_core::borrow() {
    auto lent = co_await acquire();
    if (!compared_.load(std::memory_order_relaxed)) co_await compare_collection(lent.core());
    co_return lent;
}

io::op<void> vector_core::compare_collection(connection_core& on) {
    parameters name;
    encode_parameter(name, sql_->documents);
    result found;
    try {
        found = co_await on.run_one(sql_->read_collection, std::move(name));
    } catch (const undefined_table&) {
        found.clear(); // no collection either
    }
    if (found.empty()) {
        throw configuration_error("there is no collection \"" + sql_->documents +
                                  "\" in this database; create_schema() makes it");
    }
    auto [embeddings, dimensions, measure, model] =
        rows<std::string, std::int64_t, std::string, std::string>(found).one();
    const auto described = [](const std::string& table, std::int64_t size, std::string_view how,
                              const std::string& by) {
        return "embeddings of model \"" + by + "\" in \"" + table + "\", " + std::to_string(size) +
               " dimensions and metric " + std::string(how);
    };
    const auto own = static_cast<std::int64_t>(dimensions_);
    if (embeddings != sql_->embeddings || dimensions != own || measure != name_of(metric::cosine) || model != model_) {
        throw configuration_error("the collection \"" + sql_->documents + "\" has " +
                                  described(embeddings, dimensions, measure, model) + "; this object was made for " +
                                  described(sql_->embeddings, own, name_of(metric::cosine), model_));
    }
    compared_.store(true, std::memory_order_relaxed);
}

io::op<void> vector_core::create_schema() {
    const auto lent = co_await acquire();
    auto& connection = lent.core();
    transaction_options options;
    options.immediate = true;
    connection.begin(options);

    std::vector<batch_item> items;
    for (const auto& statement : sql_->create)
        items.push_back({.sql = statement});
    parameters collection;
    encode_parameters(collection, sql_->documents, sql_->embeddings, model_, static_cast<std::int64_t>(dimensions_),
                      name_of(metric::cosine), sql_->storage(), std::string_view("none"));
    co_await connection.run(items);
    throw_first_error(items);
    co_await connection.run_one(sql_->register_collection, std::move(collection));

    co_await compare_collection(connection);
    co_await connection.commit();
}

io::op<std::int64_t> vector_core::add_document(embedded_document added) {
    std::vector<embedded_document> one;
    one.push_back(std::move(added));
    const auto ids = co_await add_documents(std::move(one));
    co_return ids.front();
}

io::op<std::vector<std::int64_t>> vector_core::add_documents(std::vector<embedded_document> added) {
    check(added);
    std::vector<std::int64_t> ids;
    if (!added.empty()) {
        const auto lent = co_await borrow();
        if (sql_->kind == backend::postgres) {
            ids = co_await insert_with_arrays(lent.core(), added);
        } else {
            ids = co_await insert_one_by_one(lent.core(), added);
        }
    }
    co_return ids;
}

io::op<void> vector_core::remove_document(std::int64_t id) {
    parameters values;
    encode_parameter(values, id);
    const auto lent = co_await borrow();
    const auto done = co_await lent.core().run_one(sql_->remove, std::move(values));
    if (done.affected() == 0) {
        throw no_result("there is no document with id " + std::to_string(id) + " in \"" + sql_->documents + "\"");
    }
}

io::op<std::int64_t> vector_core::count() {
    const auto lent = co_await borrow();
    const auto found = co_await lent.core().run_one(sql_->count, parameters());
    co_return rows<std::int64_t>(found).one();
}

io::op<search_result> vector_core::search(embedding query, search_options options, metadata_filter filter) {
    check(query, "the query embedding");
    if (options.limit == 0 || options.limit > most_hits) {
        throw usage_error("search_options.limit is " + std::to_string(options.limit) + "; it may be 1 to " +
                          std::to_string(most_hits));
    }
    parameters values;
    encode_parameters(values, query, sum_of_squares(query), model_, static_cast<std::int64_t>(options.limit) + 1);
    const bool filtered = !filter.equal().empty();
    if (filtered) encode_parameter(values, json(filter.equal().json()));

    const auto& sql = filtered ? sql_->search_filtered : sql_->search;
    const auto lent = co_await borrow();
    const auto found = co_await lent.core().run_one(sql, std::move(values));
    co_return read_hits(found, options.limit);
}

std::string vector_core::describe() const {
    const std::string where = sql_->kind == backend::postgres ? "PostgreSQL" : "SQLite";
    return where + ": " + std::to_string(dimensions_) + " dimensions as " + std::string(sql_->storage()) +
           ", exact scan by cosine distance, no index";
}

} // namespace wharf
