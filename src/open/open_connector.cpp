#include "wharf/open/open_connector.hpp"

#include "wharf/base/error.hpp"
#include "wharf/postgres/connector.hpp"
#include "wharf/sqlite/connector.hpp"

namespace wharf {

std::shared_ptr<connector> open_connector(const database_url& url) {
    if (url.scheme() == "postgresql") return postgres::make_connector(postgres::settings_from(url));
    if (url.scheme() == "sqlite") return sqlite::make_connector(url);
    throw configuration_error("no driver for \"" + url.scheme() +
                              "://\"; known are postgresql://, postgres:// and sqlite://");
}

} // namespace wharf
