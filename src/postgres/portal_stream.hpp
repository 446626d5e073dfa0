// The rows of one statement taken as they come, in the connection's receive buffer.
//
// Without a fetch size there is one Execute, with its Sync behind it: what has not been read waits in the sockets, and
// in the end the server does. With one, each Execute asks for so many rows and a Flush for their answer, since a Sync
// would end the portal outside a transaction; the next Execute goes out as soon as PortalSuspended has been seen.
// Source: PostgreSQL documentation, 55.2.3 (extended query).
#pragma once

#include "postgres/connection.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace wharf::postgres {

class connection::portal_stream final : public row_stream {
public:
    /// Takes over from the batch that has run up to here.
    portal_stream(connection& on, std::string_view sql, const open_portal& portal);

    [[nodiscard]] io::op<row_chunk> next() override;
    void leave() noexcept override;
    [[nodiscard]] const result_shape& shape() const noexcept override { return *shape_; }

private:
    [[nodiscard]] io::op<void> read(in_flight& flight);
    [[nodiscard]] bool ask_for_more();
    void fetch_ahead();
    void write_end();

    connection& on_;
    std::string sql_;
    batch_item item_{}; // what the reader reports to
    open_portal portal_;
    std::shared_ptr<const result_shape> shape_; // shared with the statement cache
    bool untaken_;                              // rows have come that nobody has been given
    bool reading_{false};
    bool over_{false};
};

} // namespace wharf::postgres
