#include "wharf/connection/driver.hpp"

#include "wharf/base/error.hpp"

namespace wharf {

io::op<void> driver::settle() {
    co_return;
}

std::shared_ptr<statement_canceller> driver::canceller() {
    throw usage_error("this database has no way to stop a running statement from elsewhere");
}

io::op<void> driver::listen(io::descriptor& /*interrupt*/) {
    throw usage_error("only PostgreSQL has LISTEN and NOTIFY");
    co_return;
}

} // namespace wharf
