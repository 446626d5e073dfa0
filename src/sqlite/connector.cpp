#include "wharf/sqlite/connector.hpp"

#include "sqlite/database.hpp"
#include "sqlite/driver.hpp"
#include "sqlite/settings.hpp"
#include "sqlite/write_gate.hpp"
#include "wharf/io/waits.hpp"

#include <mutex>
#include <utility>

namespace wharf::sqlite {
namespace {

/// What the connections of one connector have in common; shared by them and the jobs that open them.
struct common {
    settings options;
    std::shared_ptr<write_gate> gate{std::make_shared<write_gate>()};
    std::mutex opening{}; // switching a new file to WAL is easiest one at a time
};

struct open_job {
    std::shared_ptr<common> shared;
    std::shared_ptr<database> operator()() const {
        const std::lock_guard one_at_a_time(shared->opening);
        return std::make_shared<database>(shared->options, shared->gate);
    }
};

class sqlite_connector final : public connector {
public:
    explicit sqlite_connector(settings options) : shared_(std::make_shared<common>(std::move(options))) {}

    io::op<std::unique_ptr<driver>> connect() override {
        open_job job(shared_);
        auto opened = co_await io::offload(std::move(job));
        co_return std::make_unique<sqlite_driver>(std::move(opened));
    }
    backend kind() const noexcept override { return backend::sqlite; }
    std::string description() const override { return shared_->options.description; }
    std::size_t connection_limit() const noexcept override { return shared_->options.in_memory() ? 1 : 0; }

private:
    std::shared_ptr<common> shared_;
};

} // namespace

std::shared_ptr<connector> make_connector(const database_url& url) {
    return std::make_shared<sqlite_connector>(read_settings(url));
}

} // namespace wharf::sqlite
