// The answers to a batch of three statements - one that is prepared, one in a group with it, one utility - in pieces.
#include "input.hpp"

#include "postgres/reply_reader.hpp"
#include "postgres/request_writer.hpp"
#include "wharf/base/error.hpp"
#include "wharf/row/rows.hpp"

#include <array>
#include <cstring>
#include <exception>

namespace {

using namespace wharf;
using namespace wharf::postgres;

struct exchange {
    exchange() {
        items[0].sql = "SELECT 7";
        items[1].sql = "SELECT 8";
        items[2].sql = "COMMIT";
        items[2].utility = true;
        for (std::size_t i = 0; i < items.size(); ++i)
            items[i].rows = &rows[i];
        reader.start(items);
        prepared_statement& first = statements.get(items[0].sql);
        prepared_statement& second = statements.get(items[1].sql);
        writer.prepare(first, 0);
        writer.prepare(second, 1);
        writer.sync(1, false);
        writer.execute(first, nullptr, 0);
        writer.execute(second, nullptr, 1);
        writer.sync(1, true);
        writer.run_once(items[2].sql, 2, true);
        writer.sync(2, false);
    }

    server_state server{};
    statement_cache statements{statement_cache_limits()};
    protocol::outgoing_buffer out{};
    type_resolver types{};
    reply_reader reader{server, statements, types, std::size_t{1} << 16};
    request_writer writer{out, reader};
    receive_buffer arrived{};
    std::array<batch_item, 3> items{};
    std::array<result, 3> rows{};
};

void feed(exchange& to, std::string_view bytes, std::size_t slice) {
    while (!bytes.empty()) {
        const auto room = to.reader.room(to.arrived);
        const auto size = std::min({room.size(), bytes.size(), slice});
        std::memcpy(room.data(), bytes.data(), size);
        to.arrived.received(size);
        bytes.remove_prefix(size);
        to.reader.process(to.arrived);
    }
}

void look_at(const exchange& from) {
    for (const result& each : from.rows)
        for (std::size_t i = 0; i < each.size(); ++i)
            for (row_view row = each[i]; row.position() < row.size();)
                static_cast<void>(std::string(row.next().bytes));
    for (const batch_item& each : from.items) {
        if (!each.error) continue;
        try {
            std::rethrow_exception(each.error);
        } catch (const error&) {
        }
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::input in(data, size);
    const std::size_t slice = in.byte();
    exchange one;
    try {
        feed(one, in.rest(), slice == 0 ? size : slice);
    } catch (const error&) {
    }
    one.reader.finish(one.arrived);
    look_at(one);
    return 0;
}
