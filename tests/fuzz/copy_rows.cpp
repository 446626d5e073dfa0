// The rows of a COPY in binary: those that come in pieces are those that come at once.
#include "input.hpp"

#include "postgres/copy_rows.hpp"
#include "wharf/base/error.hpp"

#include <string>
#include <vector>

namespace {

struct outcome {
    std::vector<std::string> rows{};
    bool refused{false};
    bool operator==(const outcome&) const = default;
};

outcome split(std::size_t columns, std::string_view bytes, std::size_t slice) {
    outcome found;
    wharf::postgres::copy_row_splitter splitter;
    splitter.start(columns, 4096);
    try {
        while (!bytes.empty()) {
            const wharf::fuzz::exact message(bytes.substr(0, slice));
            bytes.remove_prefix(message.text().size());
            std::vector<std::string_view> rows;
            splitter.take(message.text(), rows);
            found.rows.insert(found.rows.end(), rows.begin(), rows.end());
            splitter.forget();
        }
        splitter.finish();
    } catch (const wharf::error&) {
        found.refused = true;
    }
    return found;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    wharf::fuzz::input in(data, size);
    const std::size_t columns = in.byte() % 8;
    const std::size_t slice = 1 + in.byte();
    const outcome whole = split(columns, in.rest(), size + 1);
    const outcome pieces = split(columns, in.rest(), slice);
    wharf::fuzz::require(whole.refused == pieces.refused);
    if (!whole.refused) wharf::fuzz::require(whole.rows == pieces.rows);
    return 0;
}
