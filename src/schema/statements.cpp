#include "wharf/schema/statements.hpp"

#include "schema/table_order.hpp"
#include "sql/text.hpp"
#include "wharf/base/error.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace wharf {

namespace {

using orm::class_descriptor;
using orm::column_descriptor;

bool is_integer(type_oid type) noexcept {
    return type == type_oid::int2 || type == type_oid::int4 || type == type_oid::int8;
}

std::string_view without_schema(std::string_view table) noexcept {
    return table.substr(table.find('.') + 1);
}

/// PostgreSQL cuts names after 63 bytes, after which two of them may be equal; a hash keeps them apart.
std::string short_name(std::string name) {
    constexpr std::size_t most = 63;
    if (name.size() <= most) return name;
    std::uint32_t hash = 2166136261U; // FNV-1a
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    name.resize(most - 9);
    name.push_back('_');
    for (int shift = 28; shift >= 0; shift -= 4)
        name.push_back("0123456789abcdef"[(hash >> shift) & 15U]);
    return name;
}

std::string constraint_name(const class_descriptor& type, std::span<const std::size_t> columns,
                            std::string_view ending) {
    std::string name(without_schema(type.table));
    for (const auto index : columns)
        name.append("_").append(type.columns[index].name);
    return short_name(name.append(ending));
}

template <class Columns, class Name>
void append_list(std::string& out, const Columns& columns, const Name& name) {
    out.append("(");
    bool first = true;
    for (const auto& column : columns) {
        if (!first) out.append(", ");
        first = false;
        sql::append_identifier(out, name(column));
    }
    out.append(")");
}

class table_writer {
public:
    table_writer(const class_descriptor& type, backend kind, const schema::table_order& order)
        : type_(type), kind_(kind), order_(order) {}

    std::string create_table() {
        out_ = "CREATE TABLE IF NOT EXISTS ";
        sql::append_table(out_, type_.table);
        out_.append(" (");
        for (std::size_t i = 0; i != type_.columns.size(); ++i) {
            if (i != 0) out_.append(", ");
            add_column(type_.columns[i]);
        }
        if (type_.key_size > 1) {
            out_.append(", PRIMARY KEY ");
            append_list(out_, type_.key(), [](const column_descriptor& column) { return column.name; });
        }
        for (std::size_t i = 0; i != type_.relations.size(); ++i) {
            if (type_.relations[i].kind != orm::relation_kind::belongs_to || comes_later(i)) continue;
            out_.append(", ").append(foreign_key(i));
        }
        return out_.append(")");
    }

    /// Indexes for indexed columns, and for foreign keys that no other index begins with.
    void create_indexes(std::vector<std::string>& statements) const {
        for (std::size_t i = 0; i != type_.columns.size(); ++i) {
            const auto& column = type_.columns[i];
            const std::size_t one[] = {i};
            if (column.indexed && !column.unique && !begins_key(one)) statements.push_back(index(one));
        }
        for (const auto& relation : type_.relations) {
            const bool covered = relation.columns.empty() || begins_key(relation.columns) ||
                                 (relation.columns.size() == 1 && (type_.columns[relation.columns[0]].unique ||
                                                                   type_.columns[relation.columns[0]].indexed));
            if (!covered) statements.push_back(index(relation.columns));
        }
    }

    /// Not to be repeated: a constraint that is there already is an error, which the block around it swallows.
    std::string add_foreign_key(std::size_t relation) const {
        const auto name = constraint_name(type_, type_.relations[relation].columns, "_fkey");
        std::string out = "DO $wharf$ BEGIN ALTER TABLE ";
        sql::append_table(out, type_.table);
        out.append(" ADD CONSTRAINT ");
        sql::append_identifier(out, name);
        return out.append(" ")
            .append(foreign_key(relation))
            .append("; EXCEPTION WHEN duplicate_object THEN NULL; END $wharf$");
    }

private:
    void add_column(const column_descriptor& column) {
        sql::append_identifier(out_, column.name);
        out_.append(" ").append(sql::type_name(kind_, column.wire));
        const bool only_key = column.key && type_.key_size == 1;
        if (column.generated)
            add_generated(column, only_key);
        else if (!column.nullable)
            out_.append(" NOT NULL");
        if (!column.server_default.empty()) out_.append(" DEFAULT (").append(column.server_default).append(")");
        if (only_key && !(column.generated && kind_ == backend::sqlite)) out_.append(" PRIMARY KEY");
        if (column.unique && !only_key) out_.append(" UNIQUE");
    }

    void add_generated(const column_descriptor& column, bool only_key) {
        if (kind_ == backend::sqlite) {
            if (!only_key || !is_integer(column.wire))
                fail(column, "is generated, but SQLite only generates primary keys of one integer column");
            out_.append(" PRIMARY KEY AUTOINCREMENT");
        } else if (is_integer(column.wire)) {
            out_.append(" GENERATED BY DEFAULT AS IDENTITY");
        } else if (column.wire == type_oid::uuid) {
            out_.append(" NOT NULL DEFAULT gen_random_uuid()");
        } else {
            fail(column, "is generated, but PostgreSQL only generates integers and UUIDs; give it a server_default");
        }
    }

    std::string foreign_key(std::size_t index) const {
        const auto& relation = type_.relations[index];
        const auto* target = orm::find_descriptor(relation.target);
        if (target == nullptr)
            throw configuration_error("the relation " + std::string(relation.name) + " of table " +
                                      std::string(type_.table) + " points to a class that is not known");
        std::string out = "FOREIGN KEY ";
        append_list(out, relation.columns, [&](std::size_t column) { return type_.columns[column].name; });
        out.append(" REFERENCES ");
        // On SQLite a foreign key stays within its schema and does not name it.
        sql::append_table(out, kind_ == backend::sqlite ? without_schema(target->table) : target->table);
        out.append(" ");
        append_list(out, target->key(), [](const column_descriptor& column) { return column.name; });
        return out;
    }

    std::string index(std::span<const std::size_t> columns) const {
        std::string out = "CREATE INDEX IF NOT EXISTS ";
        const auto name = constraint_name(type_, columns, "_idx");
        auto table = type_.table;
        if (kind_ == backend::sqlite && table.find('.') != std::string_view::npos) {
            // There the schema belongs to the index's name.
            sql::append_identifier(out, table.substr(0, table.find('.')));
            out.append(".");
            table = without_schema(table);
        }
        sql::append_identifier(out, name);
        out.append(" ON ");
        sql::append_table(out, table);
        out.append(" ");
        append_list(out, columns, [&](std::size_t column) { return type_.columns[column].name; });
        return out;
    }

    bool begins_key(std::span<const std::size_t> columns) const {
        if (columns.size() > type_.key_size) return false;
        for (std::size_t i = 0; i != columns.size(); ++i)
            if (columns[i] != i) return false;
        return true;
    }

    bool comes_later(std::size_t relation) const {
        return kind_ == backend::postgres &&
               std::ranges::find(order_.forward, std::pair(&type_, relation)) != order_.forward.end();
    }

    [[noreturn]] void fail(const column_descriptor& column, std::string_view reason) const {
        throw configuration_error("the column " + std::string(column.name) + " of table " + std::string(type_.table) +
                                  " " + std::string(reason));
    }

    const class_descriptor& type_;
    backend kind_;
    const schema::table_order& order_;
    std::string out_{};
};

} // namespace

std::vector<std::string> create_table_statements(std::span<const class_descriptor* const> classes, backend kind) {
    const auto order = schema::order_tables(classes);
    std::vector<std::string> statements;
    for (const auto* type : order.classes) {
        table_writer writer(*type, kind, order);
        statements.push_back(writer.create_table());
        writer.create_indexes(statements);
    }
    if (kind == backend::postgres)
        for (const auto& [type, relation] : order.forward)
            statements.push_back(table_writer(*type, kind, order).add_foreign_key(relation));
    return statements;
}

std::vector<std::string> drop_table_statements(std::span<const class_descriptor* const> classes, backend kind) {
    const auto order = schema::order_tables(classes);
    std::vector<std::string> statements;
    for (auto type = order.classes.rbegin(); type != order.classes.rend(); ++type) {
        const auto name = sql::quoted_table((*type)->table);
        // PostgreSQL drops tables that refer to each other in circles when one statement names them all.
        if (kind == backend::postgres && !statements.empty())
            statements.front().append(", ").append(name);
        else
            statements.push_back("DROP TABLE IF EXISTS " + name);
    }
    return statements;
}

} // namespace wharf
