// The session that is tried, with the handles of its objects by number, and a connection of somebody else.
#pragma once

#include "unit/orm/model/model.hpp"
#include "wharf/orm/session.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace orm_model {

/// A database with the tables, used by one sequence after the other.
class stage {
public:
    stage(const std::string& url, bool postgres);

    void empty();
    /// What the session gave back with a transaction open has been rolled back.
    void settle();
    /// What is committed, as database::lines() has it.
    [[nodiscard]] std::vector<std::string> committed_lines();
    [[nodiscard]] wharf::engine& engine() noexcept { return engine_; }
    [[nodiscard]] wharf::connection& other() noexcept { return other_; }
    [[nodiscard]] bool is_postgres() const noexcept { return postgres_; }

private:
    wharf::engine engine_;
    wharf::connection other_;
    bool postgres_;
};

class subject {
public:
    explicit subject(stage& on) : session(on.engine()) {}

    /// Makes an object from the values of its columns and relations to handles, for add() or a collection.
    [[nodiscard]] wharf::orm::entity_base make(kind type, const std::function<void(void* object)>& fill) const;
    void add(int number, kind type, const std::function<void(void* object)>& fill);
    void add(int number, kind type);
    void remove(int number, kind type);
    void expunge(int number, kind type);
    void refresh(int number, kind type);
    void expire(int number, kind type);
    /// An empty handle when there is none.
    [[nodiscard]] wharf::orm::entity_base get(kind type, const std::string& key);
    [[nodiscard]] std::vector<wharf::orm::entity_base> select(kind type);
    [[nodiscard]] bool is_modified(int number, kind type);
    [[nodiscard]] bool contains(int number, kind type);

    [[nodiscard]] const void* read(int number, kind type) const;
    /// Through a handle that is not const: the session will look for changes.
    [[nodiscard]] void* write(int number, kind type);
    /// The members of an object, relations as their keys.
    [[nodiscard]] row members(int number, kind type) const;

    wharf::session session;
    std::map<int, wharf::orm::entity_base> handles{};
    std::optional<wharf::session_transaction> begun{};
    std::vector<wharf::session_transaction> savepoints{}; // the one at i is level i + 1 of the model
};

} // namespace orm_model
