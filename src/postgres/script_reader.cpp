#include "postgres/script_reader.hpp"

#include "postgres/protocol/body_reader.hpp"
#include "postgres/protocol/command_complete.hpp"
#include "postgres/protocol/data_row.hpp"
#include "postgres/protocol/row_description.hpp"
#include "wharf/base/error.hpp"

#include <cstring>
#include <string>
#include <utility>

namespace wharf::postgres {
namespace {

using protocol::backend_message;

constexpr std::size_t longest_quote = 4096; // of a script, in an error

std::shared_ptr<const result_shape> shape_of(const std::vector<protocol::column_description>& columns) {
    auto made = std::make_shared<result_shape>();
    made->columns.reserve(columns.size());
    for (const auto& column : columns)
        made->columns.push_back({column.name, static_cast<type_oid>(column.type), wire_format::text, column.table});
    return made;
}

} // namespace

bool script_reader::take(const protocol::frame& message) {
    switch (message.type) {
    case backend_message::row_description:
        shape_ = shape_of(protocol::decode_row_description(message.body));
        rows_.clear();
        rows_.set_shape(shape_);
        return true;
    case backend_message::data_row:
        add_row(message.body);
        return true;
    case backend_message::command_complete:
        complete(protocol::decode_command_complete(message.body));
        return true;
    case backend_message::empty_query_response:
        return true;
    case backend_message::copy_out_response:
        if (!out_.error) out_.error = std::make_exception_ptr(usage_error("COPY TO STDOUT cannot be run in a script"));
        return true;
    case backend_message::copy_data:
    case backend_message::copy_done:
        return true;
    case backend_message::copy_both_response:
        throw usage_error("replication cannot be run in a script; the connection was given up");
    default:
        return false;
    }
}

void script_reader::refuse_copy_in() {
    if (out_.error) return;
    out_.error = std::make_exception_ptr(
        usage_error("COPY FROM STDIN cannot be run in a script: copy_in() and copy_in_text() send its data"));
}

void script_reader::add_row(protocol::bytes_view body) {
    if (!shape_) protocol::throw_violation("DataRow", "came without a description of its columns");
    protocol::check_data_row(body, shape_->columns.size());
    if (options_.row_limit != 0 && rows_.size() == options_.row_limit) {
        cut_ = true;
        return;
    }
    char* const kept = rows_.allocate(body.size());
    std::memcpy(kept, body.data(), body.size());
    rows_.add_row(kept);
}

void script_reader::complete(std::string_view tag) {
    if (tag == "DEALLOCATE ALL" || tag == "DISCARD ALL") statements_.forget_all();
    const auto affected = protocol::affected_rows(tag);
    rows_.set_affected(affected);
    out_.results.emplace_back(std::string(tag), std::move(rows_), affected, std::exchange(cut_, false));
    rows_ = result();
    shape_.reset();
}

void script_reader::fail(diagnostic fields) {
    if (out_.error) return;
    fields.statement = text_.substr(0, longest_quote);
    out_.error = make_database_error(std::move(fields));
}

} // namespace wharf::postgres
