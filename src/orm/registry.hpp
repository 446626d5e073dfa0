// The mapped classes of the program, by tag. What relations point to is looked up here while descriptors are built;
// afterwards it stands in them.
#pragma once

#include "wharf/orm/describe.hpp"

#include <cstdint>
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
    /// Builds on first use, together with every class that the relations of this one lead to.
    const class_descriptor& build(registration& of);
    /// How often something was looked up here, for tests: a program at work looks up nothing.
    [[nodiscard]] std::uint64_t lookups();

private:
    const class_descriptor& build_locked(registration& of);
    class_descriptor& build_one(registration& of);
    [[nodiscard]] const class_descriptor* built(tag type) const;

    std::mutex mutex_{};
    std::uint64_t lookups_{0};
    std::unordered_map<tag, registration*> mappings_{};
    std::unordered_map<tag, const class_descriptor*> built_{};
};

} // namespace wharf::orm
