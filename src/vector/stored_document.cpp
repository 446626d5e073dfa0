// What a session keeps up to date of a document that it writes.
#include "vector/canonical_json.hpp"
#include "vector/checked_text.hpp"
#include "vector/content_hash.hpp"
#include "wharf/base/error.hpp"
#include "wharf/vector/tables.hpp"

namespace wharf {

void complete_document(stored_document& written, bool inserted) {
    require_text(written.title, "the title of a document");
    require_text(written.content, "the content of a document");
    if (written.external_id) require_text(*written.external_id, "the external id of a document");
    if (written.metadata == json()) written.metadata = json("{}"); // none was given
    require_text(written.metadata.text(), "the metadata of a document");
    const auto metadata = canonical_json(written.metadata.text());
    if (!metadata || !metadata->starts_with('{')) throw usage_error("the metadata of a document is no JSON object");
    written.content_hash = content_hash(written.title, written.content, written.metadata.text());
    const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    const decltype(written.created_at) unset{};
    if (inserted && written.created_at == unset) written.created_at = now;
    if (!inserted || written.updated_at == unset) written.updated_at = now;
}

} // namespace wharf
