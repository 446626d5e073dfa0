// The demo's tables as mapped classes: those of a vector database with names of its own.
#pragma once

#include <wharf/wharf.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace demo {

inline constexpr const char* documents_table = "demo_packages";
inline constexpr const char* embeddings_table = "demo_embeddings";

struct stored_vector;

struct stored_package {
    std::int64_t id{};
    std::string title{};
    std::string content{};
    wharf::json metadata{};
    wharf::has_many<stored_vector> vectors{};
};

struct stored_vector {
    std::int64_t document_id{};
    std::int32_t ordinal{};
    wharf::belongs_to<stored_package> document{};
    std::vector<float> vector{};
};

constexpr auto wharf_mapping(wharf::type<stored_package>) {
    return wharf::table<stored_package>(
        documents_table, wharf::primary_key<&stored_package::id>().generated(),
        wharf::columns<&stored_package::title, &stored_package::content, &stored_package::metadata>(),
        wharf::relation<&stored_package::vectors>());
}
constexpr auto wharf_mapping(wharf::type<stored_vector>) {
    return wharf::table<stored_vector>(embeddings_table,
                                       wharf::primary_key<&stored_vector::document_id, &stored_vector::ordinal>(),
                                       wharf::relation<&stored_vector::document>().key<&stored_vector::document_id>(),
                                       wharf::column<&stored_vector::vector>());
}

} // namespace demo
