#include "sqlite/parameter_uses.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace wharf::sqlite {
namespace {

struct instruction {
    std::string opcode{};
    int p1{0};
    int p2{0};
    int p3{0};
    std::string p4{};
    int p5{0};
};

std::string text_at(sqlite3_stmt* row, int column) {
    const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
    return text == nullptr ? "" : text;
}

/// In the order in which they run, as far as there is one: the last part of a program comes first.
std::vector<instruction> program_of(sqlite3_stmt* prepared) {
    std::vector<instruction> made;
    const auto sql = std::string("EXPLAIN ") + sqlite3_sql(prepared);
    sqlite3_stmt* shown = nullptr;
    sqlite3_prepare_v2(sqlite3_db_handle(prepared), sql.data(), static_cast<int>(sql.size()), &shown, nullptr);
    while (shown != nullptr && sqlite3_step(shown) == SQLITE_ROW)
        made.push_back({text_at(shown, 1), sqlite3_column_int(shown, 2), sqlite3_column_int(shown, 3),
                        sqlite3_column_int(shown, 4), text_at(shown, 5), sqlite3_column_int(shown, 6)});
    sqlite3_finalize(shown);
    if (made.empty() || made.front().opcode != "Init") return made;
    const auto start = static_cast<std::size_t>(made.front().p2);
    if (start < made.size()) std::rotate(made.begin(), made.begin() + static_cast<std::ptrdiff_t>(start), made.end());
    return made;
}

template <std::size_t Count>
bool is_one_of(const std::string& opcode, const std::array<std::string_view, Count>& names) {
    return std::ranges::find(names, opcode) != names.end();
}

constexpr std::array<std::string_view, 6> comparisons{"Eq", "Ne", "Lt", "Le", "Gt", "Ge"};
constexpr std::array<std::string_view, 10> lookups{"SeekGE", "SeekGT", "SeekLE", "SeekLT", "IdxGE",
                                                   "IdxGT",  "IdxLE",  "IdxLT",  "Found",  "NotFound"};
constexpr std::array<std::string_view, 6> before_lookups{"IsNull",   "NotNull", "Variable",
                                                         "Affinity", "SeekHit", "SeekScan"};
constexpr std::array<std::string_view, 16> of_text{
    "lower(1)", "upper(1)", "trim(1)", "trim(2)",   "ltrim(1)",   "rtrim(1)",        "substr(2)",   "substr(3)",
    "hex(1)",   "quote(1)", "date(1)", "typeof(1)", "replace(3)", "group_concat(1)", "strftime(2)", "datetime(1)"};
constexpr std::array<std::string_view, 6> patterns{"like(2)",       "like(3)",        "glob(2)",
                                                   "wharf_like(2)", "wharf_ilike(2)", "instr(2)"};

// Affinities, as opcodes have them.
constexpr char text_affinity = 'B';
constexpr int affinity_mask = 0x47;
constexpr int least_numeric = 'C';

bool is_numeric(char affinity) noexcept {
    return affinity == 'C' || affinity == 'D';
}

/// Walks through a program and keeps track of what registers hold.
class walk {
public:
    walk(const std::vector<instruction>& program, int parameters)
        : program_(program), found_(static_cast<std::size_t>(parameters)) {}

    std::vector<parameter_use> run() {
        for (at_ = 0; at_ < program_.size(); ++at_)
            look(program_[at_]);
        return std::move(found_);
    }

private:
    static constexpr int nothing = 0;
    static constexpr int text = -1; // others: the number of a parameter

    void look(const instruction& what) {
        const auto& name = what.opcode;
        if (name == "Variable") return set(what.p2, what.p1);
        if (name == "String8" || name == "String") return set(what.p2, text);
        if (name == "Concat") return set(what.p3, text);
        if (name == "SCopy") return set(what.p2, held(what.p1));
        if (name == "Copy" || name == "Move") return copy(what);
        if (name == "OpenEphemeral") return void(ephemeral_.insert(what.p1));
        if (name == "Function" || name == "PureFunc") return call(what);
        if (is_one_of(name, comparisons)) return compare(what);
        if (name == "Affinity") return convert(what);
        if (name == "MakeRecord") return record(what);
        if (is_one_of(name, lookups) || is_one_of(name, before_lookups) || name == "Goto") return;
        // Whatever else may write to its second or third operand.
        registers_.erase(what.p2);
        registers_.erase(what.p3);
    }

    void set(int at, int what) { registers_[at] = what; }
    [[nodiscard]] int held(int at) const {
        const auto found = registers_.find(at);
        return found == registers_.end() ? nothing : found->second;
    }
    parameter_use* parameter_in(int at) {
        const auto number = held(at);
        return number > 0 && static_cast<std::size_t>(number) <= found_.size()
                   ? &found_[static_cast<std::size_t>(number) - 1]
                   : nullptr;
    }
    void note_text(int at) {
        if (auto* const use = parameter_in(at)) use->compared_with_text = true;
    }
    void note_number(int at) {
        if (auto* const use = parameter_in(at)) use->kept_as_number = true;
    }

    void copy(const instruction& what) {
        const int count = what.opcode == "Copy" ? what.p3 + 1 : what.p3;
        for (int i = 0; i < count; ++i)
            set(what.p2 + i, held(what.p1 + i));
    }

    void call(const instruction& what) {
        const auto open = what.p4.find('(');
        const int count = open == std::string::npos ? 0 : std::atoi(what.p4.c_str() + open + 1);
        if (is_one_of(what.p4, patterns))
            for (int i = 0; i < count; ++i)
                note_text(what.p2 + i);
        set(what.p3, is_one_of(what.p4, of_text) ? text : nothing);
    }

    void compare(const instruction& what) {
        const int affinity = what.p5 & affinity_mask;
        const bool as_text =
            affinity == text_affinity || (affinity < least_numeric && (held(what.p1) == text || held(what.p3) == text));
        if (!as_text) return;
        note_text(what.p1);
        note_text(what.p3);
    }

    /// Values are converted in place, either to be looked up in an index or to be stored.
    void convert(const instruction& what) {
        auto next = at_ + 1;
        while (next < program_.size() && is_one_of(program_[next].opcode, before_lookups))
            ++next;
        const bool looks_up = next < program_.size() && is_one_of(program_[next].opcode, lookups);
        for (int i = 0; i < what.p2 && static_cast<std::size_t>(i) < what.p4.size(); ++i) {
            const char affinity = what.p4[static_cast<std::size_t>(i)];
            if (looks_up && affinity == text_affinity) note_text(what.p1 + i);
            if (!looks_up && is_numeric(affinity)) note_number(what.p1 + i);
            if (affinity >= text_affinity) registers_.erase(what.p1 + i);
        }
    }

    /// A record of a table, or of the list of an IN.
    void record(const instruction& what) {
        const auto next = at_ + 1;
        const bool of_list =
            next < program_.size() && program_[next].opcode == "IdxInsert" && ephemeral_.contains(program_[next].p1);
        for (int i = 0; i < what.p2 && static_cast<std::size_t>(i) < what.p4.size(); ++i) {
            const char affinity = what.p4[static_cast<std::size_t>(i)];
            if (of_list && affinity == text_affinity) note_text(what.p1 + i);
            if (!of_list && is_numeric(affinity)) note_number(what.p1 + i);
        }
        registers_.erase(what.p3);
    }

    const std::vector<instruction>& program_;
    std::vector<parameter_use> found_;
    std::size_t at_{0};
    std::unordered_map<int, int> registers_{};
    std::unordered_set<int> ephemeral_{};
};

} // namespace

std::vector<parameter_use> uses_of_parameters(sqlite3_stmt* prepared) {
    const auto program = program_of(prepared);
    return walk(program, sqlite3_bind_parameter_count(prepared)).run();
}

} // namespace wharf::sqlite
