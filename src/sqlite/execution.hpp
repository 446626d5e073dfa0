// The time in which a statement runs.
#pragma once

#include "sqlite/statement.hpp"

namespace wharf::sqlite {

/// A statement that runs: what it holds is let go at the end, however that comes.
class execution {
public:
    explicit execution(statement& running) noexcept : running_(running) {}
    execution(const execution&) = delete;
    execution& operator=(const execution&) = delete;
    ~execution() { running_.clear(); }

private:
    statement& running_;
};

} // namespace wharf::sqlite
