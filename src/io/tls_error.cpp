#include "io/tls_error.hpp"

#include <openssl/err.h>

namespace wharf::io {
namespace {

class tls_category final : public std::error_category {
public:
    const char* name() const noexcept override { return "tls"; }
    std::string message(int code) const override {
        const char* reason = ::ERR_reason_error_string(static_cast<unsigned long>(code));
        return "TLS: " + (reason != nullptr ? std::string(reason) : "error " + std::to_string(code));
    }
};

const tls_category category{};

} // namespace

std::error_code take_tls_error() noexcept {
    const auto code = ::ERR_get_error();
    ::ERR_clear_error();
    if (ERR_SYSTEM_ERROR(code)) return {ERR_GET_REASON(code), std::generic_category()};
    return {code == 0 ? ERR_R_INTERNAL_ERROR : static_cast<int>(code), category};
}

int tls_reason(const std::error_code& error) noexcept {
    return error.category() == category ? ERR_GET_REASON(static_cast<unsigned long>(error.value())) : 0;
}

} // namespace wharf::io
