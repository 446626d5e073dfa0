#include "wharf/base/error.hpp"

namespace wharf {

void error::add_note(std::string_view note) {
    noted_ = std::make_shared<const std::string>(std::string(what()).append("; ").append(note));
}

} // namespace wharf
