// What a TLS client can be told: versions, names in the clear, protocols, revocation lists.
#include "unit/io/tls_server.hpp"
#include "wharf/base/error.hpp"
#include "wharf/io/blocking.hpp"
#include "wharf/io/tls.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace {

using namespace std::chrono_literals;
using namespace wharf::io;
using test::authority;
using test::connect_securely;
using test::tls_server;
using testing::HasSubstr;

class tls_with : public testing::Test {
protected:
    tls_with() {
        options.host = "db.example.org";
        options.authorities = from.file();
    }
    ~tls_with() override {
        for (const auto& file : files)
            std::filesystem::remove_all(file);
    }
    /// A file that goes with the test.
    std::string kept(std::string file) {
        files.push_back(file);
        return file;
    }
    /// What `look` sees at the server's end of a connection with `options`.
    std::string seen(const std::function<std::string(SSL&)>& look, const tls_server::setup& prepare = {}) {
        std::string found = "nothing";
        {
            const tls_server server(
                from.issue(),
                [&](SSL& ssl) {
                    found = look(ssl);
                    tls_server::echo(16)(ssl);
                },
                {}, prepare);
            const auto secure = run(connect_securely(server.port(), options, false), {20s});
            EXPECT_EQ(run(test::echoed(*secure, "hello"), {20s}), "hello");
        }
        return found;
    }
    /// Why the client refuses a server with `own`.
    template <class Error>
    std::string refusal(test::identity own, const tls_server::setup& prepare = {}) {
        const tls_server server(std::move(own), tls_server::echo(16), {}, prepare);
        try {
            static_cast<void>(run(connect_securely(server.port(), options, false), {20s}));
        } catch (const Error& error) {
            return error.what();
        }
        return "accepted";
    }

    authority from;
    tls_options options;
    std::vector<std::string> files;
};

std::string version_of(SSL& ssl) {
    return ::SSL_get_version(&ssl);
}
std::string name_of(SSL& ssl) {
    const char* name = ::SSL_get_servername(&ssl, TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "none" : name;
}
std::string protocol_of(SSL& ssl) {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    ::SSL_get0_alpn_selected(&ssl, &chosen, &size);
    return chosen == nullptr ? "none" : std::string(reinterpret_cast<const char*>(chosen), size);
}

TEST_F(tls_with, bounds_of_the_version__uses_none_outside_of_them) {
    EXPECT_EQ(seen(version_of), "TLSv1.3");
    options.maximum_version = tls_version::v1_2;
    EXPECT_EQ(seen(version_of), "TLSv1.2");
    options.maximum_version = options.minimum_version = tls_version::v1_3;
    EXPECT_EQ(seen(version_of), "TLSv1.3");
    const auto old = [](SSL_CTX& context) { ::SSL_CTX_set_max_proto_version(&context, TLS1_2_VERSION); };
    EXPECT_THAT(refusal<wharf::connect_failed>(from.issue(), old), HasSubstr("protocol version"));
    options.maximum_version = tls_version::v1_2;
    EXPECT_THAT(refusal<wharf::configuration_error>(from.issue()), HasSubstr("version"));
}

TEST_F(tls_with, name_to_send__is_sent_but_never_an_address) {
    EXPECT_EQ(seen(name_of), "db.example.org");
    options.send_host = false;
    EXPECT_EQ(seen(name_of), "none");
    options.send_host = true;
    options.host = "127.0.0.1";
    EXPECT_EQ(seen(name_of), "none");
}

TEST_F(tls_with, protocol_that_the_server_speaks__is_agreed_on) {
    const std::string name = "postgresql";
    options.protocol = name;
    options.protocol_required = true;
    EXPECT_EQ(seen(protocol_of, tls_server::speaking(name)), "postgresql");
}

TEST_F(tls_with, protocol_that_the_server_does_not_speak__is_refused_where_required) {
    options.protocol = "postgresql";
    EXPECT_EQ(seen(protocol_of), "none");
    options.protocol_required = true;
    EXPECT_THAT(refusal<wharf::connect_failed>(from.issue()), HasSubstr("ALPN"));
    const std::string other = "http/1.1";
    EXPECT_NE(refusal<wharf::connect_failed>(from.issue(), tls_server::speaking(other)), "accepted");
}

TEST_F(tls_with, revocation_list__refuses_what_is_on_it) {
    auto good = from.issue();
    auto bad = from.issue();
    options.revocations = kept(from.revoke({&bad}));
    EXPECT_EQ(refusal<wharf::authentication_failed>(std::move(good)), "accepted");
    EXPECT_THAT(refusal<wharf::authentication_failed>(std::move(bad)), HasSubstr("certificate revoked"));
}

TEST_F(tls_with, directory_of_revocation_lists__refuses_what_is_on_them) {
    auto good = from.issue();
    auto bad = from.issue();
    const auto list = kept(from.revoke({&bad}));
    const auto directory = kept(list + ".d");
    std::filesystem::create_directory(directory);
    std::filesystem::copy_file(list, directory + "/" + from.hashed_name());
    options.revocation_directory = directory;
    EXPECT_EQ(refusal<wharf::authentication_failed>(std::move(good)), "accepted");
    EXPECT_THAT(refusal<wharf::authentication_failed>(std::move(bad)), HasSubstr("certificate revoked"));
}

TEST_F(tls_with, revocation_list_of_another_authority__refuses_everything) {
    const authority other;
    const auto directory = kept(kept(other.revoke({})) + ".d");
    std::filesystem::create_directory(directory);
    options.revocation_directory = directory;
    EXPECT_THAT(refusal<wharf::authentication_failed>(from.issue()), HasSubstr("unable to get certificate CRL"));
}

TEST_F(tls_with, revocation_lists_that_are_not_there__is_a_configuration_error_that_names_them) {
    options.revocations = "/nonexistent/list";
    EXPECT_THAT(refusal<wharf::configuration_error>(from.issue()), HasSubstr("/nonexistent/list"));
    options.revocations.clear();
    options.revocation_directory = "/nonexistent/lists";
    EXPECT_THAT(refusal<wharf::configuration_error>(from.issue()), HasSubstr("/nonexistent/lists"));
}

} // namespace
