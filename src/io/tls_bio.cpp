#include "io/tls_bio.hpp"

#include <new>

namespace wharf::io {
namespace {

tls_transport& transport_of(BIO* bio) noexcept {
    return *static_cast<tls_transport*>(::BIO_get_data(bio));
}

/// What a BIO method returns, and leaves in the BIO's flags.
int answer(BIO* bio, const io_result& result) noexcept {
    if (result.bytes != 0) return static_cast<int>(result.bytes);
    if (result.want_read) BIO_set_retry_read(bio);
    if (result.want_write) BIO_set_retry_write(bio);
    auto& transport = transport_of(bio);
    transport.error = result.error;
    transport.ended = result.end;
    return result.end ? 0 : -1;
}

int read_bio(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    if (size <= 0) return 0;
    return answer(bio, transport_of(bio).under->read({into, static_cast<std::size_t>(size)}));
}

int write_bio(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    if (size <= 0) return 0;
    return answer(bio, transport_of(bio).under->write({from, static_cast<std::size_t>(size)}));
}

long control_bio(BIO* bio, int what, long /*number*/, void* /*pointer*/) {
    if (what == BIO_CTRL_FLUSH) return 1; // nothing is held back
    if (what == BIO_CTRL_EOF) return transport_of(bio).ended ? 1 : 0;
    return 0;
}

BIO_METHOD* make_method() {
    auto* method = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wharf stream");
    if (method == nullptr) throw std::bad_alloc();
    ::BIO_meth_set_read(method, &read_bio);
    ::BIO_meth_set_write(method, &write_bio);
    ::BIO_meth_set_ctrl(method, &control_bio);
    return method;
}

} // namespace

BIO* make_stream_bio(tls_transport& transport) {
    static BIO_METHOD* const method = make_method(); // never freed: streams may live to the end of the process
    auto* bio = ::BIO_new(method);
    if (bio == nullptr) throw std::bad_alloc();
    ::BIO_set_data(bio, &transport);
    ::BIO_set_init(bio, 1);
    return bio;
}

} // namespace wharf::io
