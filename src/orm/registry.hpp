// The mapped classes of the program, by tag.
#pragma once

#include "wharf/orm/describe.hpp"

#include <mutex>
#include <unordered_map>

namespace wharf::orm {

class registry {
public:
    /// Lives as long as the process, usable before main and after it.
    [[nodiscard]] static registry& instance();

    void add(registration& added);
    void add(const class_descriptor& added);
    /// Null when unknown.
    [[nodiscard]] const class_descriptor* find(tag type);
    /// Builds on first use.
    const class_descriptor& build(registration& of);

private:
    const class_descriptor& build_locked(registration& of);

    std::mutex mutex_{};
    std::unordered_map<tag, registration*> mappings_{};
    std::unordered_map<tag, const class_descriptor*> built_{};
};

} // namespace wharf::orm
