#include "wharf/io/waits.hpp"

#include "wharf/base/error.hpp"

namespace wharf::io::detail {

void throw_unless_ready(wake how) {
    switch (how) {
    case wake::ready:
        return;
    case wake::timed_out:
        throw timed_out("the deadline passed before the operation was complete");
    case wake::cancelled:
        throw cancelled("the operation was cancelled");
    }
}

} // namespace wharf::io::detail
