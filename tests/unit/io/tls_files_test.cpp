// The client's certificate and key: who may read them, who opens them, who is shown them.
#include "unit/io/tls_server.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/tls.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace {

using namespace std::chrono_literals;
using namespace wharf::io;
using test::authority;
using test::connect_securely;
using test::identity;
using test::tls_server;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class tls_client_certificate : public testing::Test {
protected:
    tls_client_certificate() {
        options.host = "db.example.org";
        options.authorities = from.file();
        options.certificate = kept(test::write_certificate(own));
        options.key = kept(test::write_key(own));
    }
    ~tls_client_certificate() override {
        for (const auto& file : files)
            std::filesystem::remove(file);
    }
    std::string kept(std::string file) {
        files.push_back(file);
        return file;
    }
    /// Connects to a server that asks for a certificate, or does not.
    void connect(bool asks = true) {
        const tls_server server(from.issue(), tls_server::echo(16), asks ? from.file() : "");
        const auto secure = run(connect_securely(server.port(), options, false), {20s});
        EXPECT_EQ(run(test::echoed(*secure, "hello"), {20s}), "hello");
    }
    /// Why the client does not even begin.
    std::string refusal() {
        test::socket_pair ends;
        try {
            static_cast<void>(run(tls_handshake(std::move(ends.near), options), {20s}));
        } catch (const wharf::configuration_error& error) {
            return error.what();
        }
        return "accepted";
    }

    authority from;
    identity own = from.issue();
    tls_options options;
    std::vector<std::string> files;
};

TEST_F(tls_client_certificate, key_in_a_file_of_its_own__is_shown_to_a_server_that_asks) {
    options.certificate_required = true;
    EXPECT_NO_THROW(connect());
}

TEST_F(tls_client_certificate, required__refuses_a_server_that_does_not_ask) {
    EXPECT_NO_THROW(connect(false));
    options.certificate_required = true;
    EXPECT_THROW(connect(false), wharf::authentication_failed);
}

TEST_F(tls_client_certificate, missing__is_refused_by_a_server_that_insists) {
    options.certificate.clear();
    options.maximum_version = tls_version::v1_2; // later versions tell the client only after its handshake
    EXPECT_THROW(connect(), wharf::connect_failed);
}

TEST_F(tls_client_certificate, encrypted_key__opens_with_its_password_and_with_no_other) {
    options.key = kept(test::write_key(own, "open sesame"));
    options.key_password = "open sesame";
    EXPECT_NO_THROW(connect());
    options.key_password = "hunter2";
    EXPECT_THAT(refusal(), AllOf(HasSubstr("sslpassword"), HasSubstr(options.key), Not(HasSubstr("hunter2"))));
    options.key_password.reset();
    EXPECT_THAT(refusal(), HasSubstr("no password"));
    options.key_password = std::string(5000, 'x');
    EXPECT_THAT(refusal(), HasSubstr("sslpassword"));
}

TEST_F(tls_client_certificate, key_that_others_can_read__is_refused) {
    // The tests may run as root, whose files a group may read.
    const mode_t least = ::geteuid() == 0 ? 0604 : 0640;
    for (const mode_t mode : {least, mode_t{0666}, mode_t{0777}}) {
        ::chmod(options.key.c_str(), mode);
        EXPECT_THAT(refusal(), AllOf(HasSubstr("0600"), HasSubstr(options.key)));
    }
    if (::geteuid() == 0) {
        ASSERT_EQ(::chown(options.key.c_str(), 1, 1), 0);
        ::chmod(options.key.c_str(), 0640);
        EXPECT_THAT(refusal(), HasSubstr("0600"));
        ASSERT_EQ(::chown(options.key.c_str(), 0, 0), 0);
        ::chmod(options.key.c_str(), 0640);
        EXPECT_NO_THROW(connect());
    }
    ::chmod(options.key.c_str(), 0400);
    EXPECT_NO_THROW(connect());
}

TEST_F(tls_client_certificate, key_of_another_certificate__is_refused) {
    options.key = kept(test::write_key(from.issue()));
    EXPECT_THAT(refusal(), HasSubstr("client's private key"));
}

TEST_F(tls_client_certificate, file_that_is_not_there__is_a_configuration_error_that_names_it) {
    options.key = "/nonexistent/key";
    EXPECT_THAT(refusal(), HasSubstr("/nonexistent/key"));
    options.key = "/";
    EXPECT_THAT(refusal(), HasSubstr("regular file"));
    options.certificate = "/nonexistent/certificate";
    EXPECT_THAT(refusal(), HasSubstr("/nonexistent/certificate"));
}

} // namespace
