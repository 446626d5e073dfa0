#include "postgres/type_resolver.hpp"

#include "postgres/request_writer.hpp"
#include "postgres/type_lookup.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/array_writer.hpp"
#include "wharf/row/bytes.hpp"
#include "wharf/row/type_name.hpp"

#include <algorithm>
#include <utility>

namespace wharf::postgres {

type_resolver::type_resolver() {
    query_.state = prepared_statement::progress::ready;
    query_.verb = statement_verb::read;
    query_.sql = type_lookup_query; // without a name: parsed when it is run
    query_.parameter_types = {type_oid::oid_array};
    query_.shape = type_lookup_shape();
    query_.result_formats = {protocol::format_code::binary};
}

bool type_resolver::resolve(prepared_statement& statement) {
    if (statement.user_types_used.empty() || statement.types_generation == catalogue_->generation()) return true;
    const auto known = catalogue_->known();
    bool complete = true;
    for (const auto type : statement.user_types_used) {
        if (known.types->find(type) != nullptr) continue;
        complete = false;
        if (std::ranges::find(missing_, type) == missing_.end()) missing_.push_back(type);
    }
    if (complete) statement.resolve(known.types, known.generation);
    return complete;
}

void type_resolver::ask(request_writer& writer) {
    parameters types;
    types.add(type_oid::oid_array, [this](std::string& out) {
        array_writer elements(out, type_oid::oid);
        for (const auto type : missing_)
            elements.add([type](std::string& bytes) { append(bytes, static_cast<std::uint32_t>(type)); });
        elements.finish();
    });
    generation_asked_ = catalogue_->generation();
    answer_ = {};
    answer_.sql = type_lookup_query;
    answer_.rows = &rows_;
    writer.execute(query_, &types, expected_reply::lookup_item);
    asking_ = true;
}

std::exception_ptr type_resolver::take_answer() {
    asking_ = false;
    const auto asked = std::exchange(missing_, {});
    if (answer_.error) return std::exchange(answer_.error, nullptr);
    try {
        auto found = read_user_types(rows_);
        rows_.clear();
        // One that has been dropped meanwhile is noted as well, so that it is not asked for again and again.
        for (const auto type : asked)
            if (std::ranges::find(found, type, &user_type::type) == found.end())
                found.push_back({type, type_form::unknown, type_oid::unspecified, wharf::name_of(type), {}});
        catalogue_->add(generation_asked_, std::move(found));
    } catch (const error&) {
        return std::current_exception();
    }
    return nullptr;
}

} // namespace wharf::postgres
