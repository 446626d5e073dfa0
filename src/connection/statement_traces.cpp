#include "connection/statement_traces.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace wharf {
namespace {

// First words of what leaves nothing by itself.
constexpr std::array harmless_verbs = std::to_array<std::string_view>({
    "abort",  "begin", "close", "commit", "delete",  "end",    "explain",  "fetch",
    "insert", "merge", "move",  "notify", "release", "reset",  "rollback", "savepoint",
    "select", "set",   "show",  "start",  "table",   "update", "values",   "with",
});

// What may stand in front of a parenthesis: words of the language, types, functions. In order.
constexpr std::array words_before_parenthesis = std::to_array<std::string_view>({
    "abs",
    "age",
    "all",
    "and",
    "any",
    "array",
    "array_agg",
    "array_length",
    "array_ndims",
    "array_position",
    "array_to_string",
    "as",
    "avg",
    "between",
    "bit",
    "bool_and",
    "bool_or",
    "by",
    "cardinality",
    "cast",
    "ceil",
    "char",
    "char_length",
    "clock_timestamp",
    "coalesce",
    "concat",
    "concat_ws",
    "conflict",
    "convert_from",
    "convert_to",
    "count",
    "cube",
    "current_setting",
    "currval",
    "date_part",
    "date_trunc",
    "decode",
    "dense_rank",
    "distinct",
    "else",
    "encode",
    "except",
    "exists",
    "extract",
    "filter",
    "first_value",
    "floor",
    "format",
    "from",
    "gen_random_uuid",
    "generate_series",
    "greatest",
    "grouping",
    "halfvec",
    "hashtext",
    "hashtextextended",
    "having",
    "ilike",
    "in",
    "intersect",
    "interval",
    "is",
    "isfinite",
    "json_agg",
    "json_build_object",
    "json_each",
    "jsonb_agg",
    "jsonb_array_elements",
    "jsonb_build_object",
    "jsonb_set",
    "key",
    "lag",
    "last_value",
    "lead",
    "least",
    "left",
    "length",
    "like",
    "limit",
    "lower",
    "lpad",
    "ltrim",
    "materialized",
    "max",
    "md5",
    "min",
    "mod",
    "nextval",
    "not",
    "now",
    "nullif",
    "numeric",
    "offset",
    "on",
    "or",
    "over",
    "overlay",
    "partition",
    "pg_advisory_xact_lock",
    "pg_backend_pid",
    "pg_current_wal_insert_lsn",
    "pg_get_serial_sequence",
    "pg_is_in_recovery",
    "pg_notify",
    "pg_sleep",
    "pg_table_is_visible",
    "pg_try_advisory_xact_lock",
    "position",
    "power",
    "quote_ident",
    "quote_literal",
    "random",
    "rank",
    "record_image_eq",
    "recursive",
    "regexp_match",
    "regexp_replace",
    "repeat",
    "replace",
    "returning",
    "right",
    "rollup",
    "round",
    "row",
    "row_number",
    "row_to_json",
    "rows",
    "rpad",
    "rtrim",
    "select",
    "set",
    "set_config",
    "sets",
    "setval",
    "sign",
    "some",
    "split_part",
    "sqrt",
    "starts_with",
    "string_agg",
    "string_to_array",
    "strpos",
    "substr",
    "substring",
    "sum",
    "then",
    "time",
    "timestamp",
    "timestamptz",
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
    "to_regclass",
    "to_timestamp",
    "transaction_timestamp",
    "trim",
    "union",
    "unnest",
    "upper",
    "using",
    "values",
    "varchar",
    "vector",
    "version",
    "when",
    "where",
    "within",
});
static_assert(std::ranges::is_sorted(words_before_parenthesis));

constexpr bool begins_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool continues_word(char c) noexcept {
    return begins_word(c) || (c >= '0' && c <= '9') || c == '$';
}

/// A word in small letters, cut to a length that no word of ours has. Of a name in quotes nothing is kept.
struct word {
    std::array<char, 32> letters{};
    std::size_t size{0};

    [[nodiscard]] std::string_view text() const noexcept { return {letters.data(), size}; }
    void take(char letter) noexcept {
        const bool capital = letter >= 'A' && letter <= 'Z';
        if (size < letters.size()) letters[size++] = capital ? static_cast<char>(letter | 0x20) : letter;
    }
};

/// Walks over the text, past what is quoted and comments.
class walk {
public:
    explicit walk(std::string_view sql) noexcept : rest_(sql) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

    /// What comes next: a word, '"' for a name in quotes, or a single character.
    char next(word& out) noexcept {
        const char c = rest_.front();
        out.size = 0;
        if (begins_word(c)) {
            for (; !rest_.empty() && continues_word(rest_.front()); rest_.remove_prefix(1))
                out.take(rest_.front());
            if (out.text() != "e" || !rest_.starts_with('\'')) return 'w';
            skip_escaped();
            return '\'';
        }
        if (c == '\'' || c == '"')
            skip_past(c, 1);
        else if (rest_.starts_with("--"))
            skip_to('\n');
        else if (rest_.starts_with("/*"))
            skip_comment();
        else if (c == '$')
            skip_dollar_quote();
        else
            rest_.remove_prefix(1);
        const bool blank = c == '-' || c == '/' || c == ' ' || (c >= '\t' && c <= '\r');
        return blank ? ' ' : c;
    }

private:
    void skip_to(char end) noexcept { rest_.remove_prefix(std::min(rest_.find(end), rest_.size())); }
    void skip_past(char end, std::size_t from) noexcept {
        const auto found = rest_.find(end, from);
        rest_.remove_prefix(found == std::string_view::npos ? rest_.size() : found + 1);
    }
    void skip_escaped() noexcept {
        rest_.remove_prefix(1);
        while (!rest_.empty() && rest_.front() != '\'')
            rest_.remove_prefix(rest_.front() == '\\' && rest_.size() > 1 ? 2 : 1);
        if (!rest_.empty()) rest_.remove_prefix(1);
    }
    void skip_comment() noexcept {
        int depth = 0;
        do {
            const bool begins = rest_.starts_with("/*");
            const bool ends = rest_.starts_with("*/");
            depth += begins ? 1 : ends ? -1 : 0;
            rest_.remove_prefix(std::min<std::size_t>(begins || ends ? 2 : 1, rest_.size()));
        } while (depth > 0 && !rest_.empty());
    }
    void skip_dollar_quote() noexcept {
        const auto close = rest_.find('$', 1);
        const auto tag = rest_.substr(1, close == std::string_view::npos ? 0 : close - 1);
        const bool quotes = close != std::string_view::npos && std::ranges::all_of(tag, continues_word) &&
                            (tag.empty() || begins_word(tag.front()));
        if (!quotes) return rest_.remove_prefix(1);
        const auto end = rest_.find(rest_.substr(0, close + 1), close + 1);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + close + 1);
    }

    std::string_view rest_;
};

bool is_harmless_verb(std::string_view first) noexcept {
    return std::ranges::find(harmless_verbs, first) != harmless_verbs.end();
}

bool names_something_temporary(std::string_view text) noexcept {
    return text == "temp" || text == "temporary" || text == "pg_temp";
}

} // namespace

bool leaves_traces(std::string_view sql) noexcept {
    // Behind INTO and AS a table is named, and in the parentheses behind it stand columns.
    enum class table_name { none, wanted, given } table{};
    bool first = true;
    bool is_call = false; // a parenthesis here would make a call of what stood in front of it
    word current;
    for (walk text(sql); !text.at_end();) {
        const char kind = text.next(current);
        if (kind == ' ') continue;
        if (kind == 'w' || kind == '"') {
            if (std::exchange(first, false) && !is_harmless_verb(current.text())) return true;
            if (names_something_temporary(current.text())) return true;
            table = table == table_name::wanted ? table_name::given : table_name::none;
            is_call = table == table_name::none &&
                      (kind == '"' || !std::ranges::binary_search(words_before_parenthesis, current.text()));
            if (current.text() == "into" || current.text() == "as") table = table_name::wanted;
        } else if (kind == '.') {
            if (table == table_name::given) table = table_name::wanted;
        } else {
            if (kind == '(' && is_call) return true;
            is_call = false;
            table = table_name::none;
        }
    }
    return false;
}

} // namespace wharf
