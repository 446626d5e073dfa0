#include "sqlite/cursor.hpp"

#include "sqlite/keyword.hpp"
#include "sqlite/row_writer.hpp"

#include <sqlite3.h>

#include <exception>
#include <limits>
#include <string_view>
#include <utility>

namespace wharf::sqlite {
namespace {

constexpr std::size_t chunk_size = std::size_t{64} << 10;

} // namespace

cursor::cursor(std::shared_ptr<database> on, std::string sql, parameters values, std::size_t rows_at_once)
    : on_(std::move(on)), sql_(std::move(sql)), values_(std::move(values)),
      rows_at_once_(rows_at_once == 0 ? std::numeric_limits<std::size_t>::max() : rows_at_once) {}

bool cursor::open() {
    on_->throw_if_stopped();
    std::string_view rest = sql_;
    statement& prepared = on_->prepare(rest);
    if (!prepared || prepared.writes() || prepared.changes_session() || !is_blank(rest)) return false;
    prepared.bind(&values_, sql_);
    running_ = &prepared;
    return true;
}

void cursor::fill() {
    rows_.clear();
    if (running_ == nullptr) return;
    on_->throw_if_stopped();
    std::size_t bytes = 0;
    int code = SQLITE_ROW;
    while (bytes < chunk_size && rows_.size() < rows_at_once_) {
        code = running_->step();
        if (shape_ == nullptr && (code == SQLITE_ROW || code == SQLITE_DONE)) shape_ = running_->shape();
        if (code != SQLITE_ROW) break;
        bytes += write_row(running_->handle(), rows_);
    }
    rows_.set_shape(shape_);
    if (code == SQLITE_ROW) return;
    auto error = code == SQLITE_DONE ? nullptr : on_->error(code, sql_);
    close();
    if (!error) return;
    if ((code & 0xFF) == SQLITE_INTERRUPT || (code & 0xFF) == SQLITE_BUSY) on_->throw_if_stopped();
    std::rethrow_exception(std::move(error));
}

void cursor::close() noexcept {
    if (running_ != nullptr) std::exchange(running_, nullptr)->clear();
}

} // namespace wharf::sqlite
