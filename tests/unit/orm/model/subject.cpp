#include "unit/orm/model/subject.hpp"

#include <algorithm>
#include <memory>
#include <thread>

namespace orm_model {

using wharf::orm::entity_base;

namespace {

/// Of an object that `handles` keeps beyond the handle by which it was reached.
template <class T>
T* address(T& object) {
    return std::addressof(object);
}

template <class T>
wharf::entity<T> typed(const entity_base& handle) {
    return wharf::entity<T>(entity_base(handle));
}

} // namespace

stage::stage(const std::string& url, bool postgres)
    : engine_(url, {.pool_size = 3}), other_(engine_.pool().acquire()), postgres_(postgres) {
    for (const auto& statement : table_definitions(postgres))
        other_.execute(wharf::raw_sql(statement));
}

void stage::settle() {
    while (engine_.stats().cleaning != 0)
        std::this_thread::yield();
}

void stage::empty() {
    settle();
    for (const auto& statement : emptying_statements())
        other_.execute(wharf::raw_sql(statement));
}

std::vector<std::string> stage::committed_lines() {
    std::vector<std::string> lines;
    for (auto&& line : other_.query<std::string>(wharf::raw_sql(all_rows_statement())))
        lines.push_back(std::move(line));
    std::sort(lines.begin(), lines.end());
    return lines;
}

entity_base subject::make(kind type, const std::function<void(void* object)>& fill) const {
    return visit_kind(type, [&]<class T>(std::type_identity<T>) -> entity_base {
        T made{};
        fill(&made);
        return wharf::entity<T>(std::move(made));
    });
}

void subject::add(int number, kind type, const std::function<void(void* object)>& fill) {
    handles[number] = visit_kind(type, [&]<class T>(std::type_identity<T>) -> entity_base {
        T made{};
        fill(&made);
        return session.add(std::move(made));
    });
}

void subject::add(int number, kind type) {
    visit_kind(type, [&]<class T>(std::type_identity<T>) { session.add(typed<T>(handles.at(number))); });
}

void subject::remove(int number, kind type) {
    visit_kind(type, [&]<class T>(std::type_identity<T>) { session.remove(typed<T>(handles.at(number))); });
}

void subject::expunge(int number, kind type) {
    visit_kind(type, [&]<class T>(std::type_identity<T>) { session.expunge(typed<T>(handles.at(number))); });
}

void subject::refresh(int number, kind type) {
    visit_kind(type, [&]<class T>(std::type_identity<T>) { session.refresh(typed<T>(handles.at(number))); });
}

void subject::expire(int number, kind type) {
    visit_kind(type, [&]<class T>(std::type_identity<T>) { session.expire(typed<T>(handles.at(number))); });
}

entity_base subject::get(kind type, const std::string& key) {
    return visit_kind(type, [&]<class T>(std::type_identity<T>) -> entity_base {
        if constexpr (std::is_same_v<T, Order>) {
            return session.get<T>(key);
        } else if constexpr (std::is_same_v<T, Line>) {
            const auto slash = key.find('/');
            return session.get<T>({key.substr(0, slash), std::stoi(key.substr(slash + 1))});
        } else {
            return session.get<T>(static_cast<wharf::key_of<T>>(std::stoll(key)));
        }
    });
}

std::vector<entity_base> subject::select(kind type) {
    return visit_kind(type, [&]<class T>(std::type_identity<T>) {
        const auto found = session.select<T>().all();
        return std::vector<entity_base>(found.begin(), found.end());
    });
}

bool subject::is_modified(int number, kind type) {
    return visit_kind(
        type, [&]<class T>(std::type_identity<T>) { return session.is_modified(typed<T>(handles.at(number))); });
}

bool subject::contains(int number, kind type) {
    return visit_kind(type,
                      [&]<class T>(std::type_identity<T>) { return session.contains(typed<T>(handles.at(number))); });
}

const void* subject::read(int number, kind type) const {
    return visit_kind(type, [&]<class T>(std::type_identity<T>) -> const void* {
        const auto handle = typed<T>(handles.at(number));
        return address(*handle);
    });
}

void* subject::write(int number, kind type) {
    return visit_kind(type, [&]<class T>(std::type_identity<T>) -> void* {
        auto handle = typed<T>(handles.at(number));
        return address(*handle);
    });
}

row subject::members(int number, kind type) const {
    const auto* const object = read(number, type);
    row found;
    for (const auto& column : info_of(type).columns)
        found.push_back(column.role == role::reference ? column.reference_key(object) : column.read(object));
    return found;
}

} // namespace orm_model
