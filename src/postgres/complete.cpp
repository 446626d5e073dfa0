#include "postgres/complete.hpp"

#include "postgres/environment_variables.hpp"
#include "postgres/service_file.hpp"

#include <optional>

namespace wharf::postgres {

origins complete(database_url& given, const environment& around) {
    origins from;
    const auto add = [&](const std::string& keyword, const std::string& value, std::string origin) {
        if (given.parameter(keyword)) return;
        given.set_parameter(keyword, value);
        from.emplace(keyword, std::move(origin));
    };
    std::optional<std::string> service = around.variable("PGSERVICE");
    if (const auto named = given.parameter("service")) service = *named;
    if (service)
        for (const auto& [keyword, value, origin] : read_service(*service, around))
            add(keyword, value, origin);
    for (const auto& [keyword, variable] : environment_variables)
        if (const auto value = around.variable(variable))
            add(keyword, *value, "the environment variable " + std::string(variable));
    if (around.variable("PGREQUIRESSL").value_or("").starts_with('1'))
        add("sslmode", "require", "the environment variable PGREQUIRESSL");
    return from;
}

} // namespace wharf::postgres
