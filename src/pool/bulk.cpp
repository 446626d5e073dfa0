#include "wharf/pool/bulk.hpp"

#include "connection/identifiers.hpp"
#include "wharf/base/database_error.hpp"
#include "wharf/base/error.hpp"

#include <exception>

namespace wharf::detail {
namespace {

// A value of a column's type, so that the server infers the type of the parameter beside it: whatever the column is,
// enum or domain, without a query of the catalogue. It is never evaluated, and wants no right to read the table.
void append_array_of_column(std::string& out, std::string_view table, std::string_view column, std::size_t number) {
    out.append("pg_catalog.unnest(COALESCE($").append(std::to_string(number)).append(", ARRAY[(NULL::");
    append_table(out, table);
    out.append(").");
    append_identifier(out, column);
    out.append("]))");
}

std::string numbered(std::string_view prefix, std::size_t count) {
    std::string out;
    for (std::size_t i = 1; i <= count; ++i)
        out.append(i == 1 ? "" : ", ").append(prefix).append(std::to_string(i));
    return out;
}

std::string from_arrays(std::string_view table, std::span<const std::string_view> columns) {
    const std::string cells = numbered("c", columns.size());
    std::string out = "SELECT " + cells + " FROM ROWS FROM (";
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i != 0) out.append(", ");
        append_array_of_column(out, table, columns[i], i + 1);
    }
    return out.append(") WITH ORDINALITY AS given(").append(cells).append(", ordinal) ORDER BY ordinal");
}

std::string name_elements(std::size_t first, std::size_t count) {
    std::string out = count == 1 ? "element " : "one of the elements ";
    out.append(std::to_string(first));
    if (count != 1) out.append(" to ").append(std::to_string(first + count - 1));
    return out;
}

constexpr std::string_view at_commit = "at the commit of all elements";

[[noreturn]] void throw_with(const std::exception_ptr& error, std::string_view which) {
    try {
        std::rethrow_exception(error);
    } catch (const database_error& caught) {
        auto fields = caught.fields();
        fields.element = which;
        throw_database_error(std::move(fields));
    } catch (const conversion_error& caught) {
        throw conversion_error(std::string(caught.what()) + "; " + std::string(which));
    }
}

// Arrays of arrays lose their shape in unnest().
bool fit_arrays(std::span<const type_oid> types) {
    return std::ranges::all_of(types, [](type_oid type) {
        return array_of(type) != type_oid::unspecified && element_of(type) == type_oid::unspecified;
    });
}

} // namespace

bulk_plan plan_insert(backend kind, std::string_view table, std::span<const std::string_view> columns,
                      std::span<const type_oid> types, std::span<const std::string_view> returning) {
    if (columns.size() != types.size())
        throw usage_error("these rows have " + std::to_string(types.size()) + " values, and " +
                          std::to_string(columns.size()) + " columns are named");
    const bool arrays = kind == backend::postgres && fit_arrays(types);
    std::string sql = "INSERT INTO ";
    append_table(sql, table);
    sql.append(" (");
    append_identifiers(sql, columns);
    sql.append(") ");
    if (kind == backend::postgres) sql.append("OVERRIDING SYSTEM VALUE "); // what was given is stored, as COPY does
    if (arrays)
        sql.append(from_arrays(table, columns));
    else
        sql.append("VALUES (").append(numbered("$", columns.size())).append(")");
    if (!returning.empty()) {
        sql.append(" RETURNING ");
        append_identifiers(sql, returning);
    }
    bulk_plan plan(std::move(sql), types, arrays);
    plan.returns = !returning.empty();
    return plan;
}

bulk_run::bulk_run(lease_use on, bulk_plan plan) : on_(std::move(on)), plan_(std::move(plan)) {
    begin_columns();
}

bulk_run::~bulk_run() {
    if (!own_transaction_) return;
    try {
        auto& core = on_.core();
        if (core.is_open(0, serial_)) core.abandon(0);
    } catch (const usage_error&) {
        own_transaction_ = false; // the lease has ended; the pool cleans up
    }
}

void bulk_run::begin_columns() {
    columns_.clear();
    if (!plan_.arrays) return;
    columns_.reserve(plan_.types.size());
    for (const type_oid type : plan_.types)
        columns_.emplace_back(type);
}

parameters& bulk_run::next_values() {
    if (items_.size() == values_.size()) values_.emplace_back();
    parameters& values = values_[items_.size()];
    values.clear();
    return values;
}

void bulk_run::row_added() {
    ++added_;
    ++in_chunk_;
    std::size_t bytes = 0;
    for (const auto& column : columns_)
        bytes += column.bytes->size();
    if (!plan_.arrays || in_chunk_ == most_in_chunk || bytes >= largest_chunk) end_chunk();
}

// Makes an item of the rows since the last one.
void bulk_run::end_chunk() {
    if (in_chunk_ == 0) return;
    if (plan_.arrays) {
        parameters& values = next_values();
        for (auto& column : columns_) {
            column.writer.finish();
            values.add_encoded(array_of(column.type), *column.bytes);
        }
        begin_columns();
    }
    batch_item item;
    item.sql = plan_.sql;
    item.values = &values_[items_.size()];
    size_ += item.values->encoded().size();
    items_.push_back(item);
    first_.push_back(added_ - in_chunk_);
    in_chunk_ = 0;
}

io::op<void> bulk_run::flush(bool last) {
    end_chunk();
    auto& core = on_.core();
    if (!last && !core.in_transaction()) {
        core.begin();
        own_transaction_ = true;
        serial_ = core.serial(0);
    }
    returned_.clear();
    if (plan_.returns) returned_.resize(items_.size());
    for (std::size_t i = 0; i < returned_.size(); ++i)
        items_[i].rows = &returned_[i];
    const then afterwards = last && own_transaction_ ? then::commit : then::nothing;
    std::exception_ptr failure;
    try {
        if (!items_.empty() || afterwards == then::commit) co_await core.run(items_, afterwards);
    } catch (const database_error&) {
        failure = std::current_exception();
    }
    if (failure) throw_with(failure, at_commit);
    throw_error();
    for (const auto& item : items_)
        done_.rows += item.affected;
    items_.clear();
    first_.clear();
    size_ = 0;
}

void bulk_run::refuse(const conversion_error& why) const {
    throw conversion_error(std::string(why.what()) + "; " + name_elements(added_, 1));
}

void bulk_run::throw_error() const {
    for (std::size_t i = 0; i < items_.size(); ++i) {
        if (!items_[i].error) continue;
        const std::size_t end = i + 1 < items_.size() ? first_[i + 1] : added_;
        throw_with(items_[i].error,
                   items_[i].undone ? std::string(at_commit) : name_elements(first_[i], end - first_[i]));
    }
}

} // namespace wharf::detail
