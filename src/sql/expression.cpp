#include "wharf/sql/expression.hpp"

#include "wharf/base/error.hpp"

#include <utility>

namespace wharf::sql {

namespace {

expression finish(node&& made) {
    return expression(std::make_shared<const node>(std::move(made)));
}

node with_children(node_kind kind, expression left, expression right) {
    node made;
    made.kind = kind;
    made.children.reserve(2);
    made.children.push_back(std::move(left));
    made.children.push_back(std::move(right));
    return made;
}

// a AND b AND c is one node with three children.
expression chain(node_kind kind, expression left, expression right) {
    const auto says_nothing = [kind](const expression& side) {
        return !side || (side.root().kind == node_kind::constant && side.root().truth == (kind == node_kind::both));
    };
    if (says_nothing(left)) return right ? right : left;
    if (says_nothing(right)) return left;
    node made;
    made.kind = kind;
    for (auto* side : {&left, &right}) {
        if (side->root().kind == kind)
            made.children.insert(made.children.end(), side->root().children.begin(), side->root().children.end());
        else
            made.children.push_back(std::move(*side));
    }
    return finish(std::move(made));
}

expression match(node_kind how, expression tested, std::string_view pattern) {
    const auto last = pattern.find_last_not_of('\\');
    const auto escapes = pattern.size() - (last == std::string_view::npos ? 0 : last + 1);
    if (escapes % 2 != 0)
        throw usage_error("a pattern ends in a backslash that escapes nothing; two of them stand for one");
    parameters one;
    one.add_encoded(type_oid::text, pattern);
    return finish(with_children(how, std::move(tested), value(std::move(one))));
}

} // namespace

expression column(std::string_view table, std::string_view name, type_oid type, bool nullable) {
    node made;
    made.kind = node_kind::column;
    made.type = type;
    made.nullable = nullable;
    made.table = table;
    made.name = name;
    return finish(std::move(made));
}

expression value(parameters one) {
    node made;
    made.kind = node_kind::value;
    made.values = std::move(one);
    return finish(std::move(made));
}

expression constant(bool truth) {
    node made;
    made.kind = node_kind::constant;
    made.truth = truth;
    return finish(std::move(made));
}

expression compare(comparison op, expression left, expression right) {
    auto made = with_children(node_kind::compare, std::move(left), std::move(right));
    made.op = op;
    return finish(std::move(made));
}

expression identical(expression left, expression right, bool negated) {
    auto made = with_children(node_kind::identical, std::move(left), std::move(right));
    made.negated = negated;
    return finish(std::move(made));
}

expression is_null(expression tested, bool negated) {
    node made;
    made.kind = node_kind::is_null;
    made.negated = negated;
    made.children.push_back(std::move(tested));
    return finish(std::move(made));
}

expression in_list(expression tested, parameters values) {
    if (values.empty()) return constant(false);
    node made;
    made.kind = node_kind::in_list;
    made.values = std::move(values);
    made.children.push_back(std::move(tested));
    return finish(std::move(made));
}

expression like(expression tested, std::string_view pattern) {
    return match(node_kind::like, std::move(tested), pattern);
}

expression ilike(expression tested, std::string_view pattern) {
    return match(node_kind::ilike, std::move(tested), pattern);
}

std::string escape_pattern(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

expression both(expression left, expression right) {
    return chain(node_kind::both, std::move(left), std::move(right));
}

expression either(expression left, expression right) {
    return chain(node_kind::either, std::move(left), std::move(right));
}

expression negate(expression negated) {
    node made;
    made.kind = node_kind::negation;
    made.children.push_back(std::move(negated));
    return finish(std::move(made));
}

expression count_rows() {
    node made;
    made.kind = node_kind::count_rows;
    return finish(std::move(made));
}

} // namespace wharf::sql
