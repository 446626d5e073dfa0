// SCRAM messages of a server that have been tampered with: typed errors, never a login, never a crash.
#include "login_attempt.hpp"

#include <random>

namespace wharf::postgres::protocol {
namespace {

class scram_mutation : public login_test {
protected:
    // A few random changes: bytes flipped, taken out, doubled, put in, cut off, attributes exchanged.
    std::string mutated(std::string text) {
        const auto below = [&](std::size_t bound) {
            return std::uniform_int_distribution<std::size_t>(0, bound)(random_);
        };
        for (std::size_t changes = below(3) + 1; changes > 0 && !text.empty(); --changes) {
            const std::size_t at = below(text.size() - 1);
            switch (below(6)) {
            case 0:
                text[at] = static_cast<char>(below(255));
                break;
            case 1:
                text.erase(at, below(4) + 1);
                break;
            case 2:
                text.insert(at, text.substr(at, below(8)));
                break;
            case 3:
                text.insert(at, 1, "\0,=rsivpe9\xff"[below(10)]);
                break;
            case 4:
                text.resize(at);
                break;
            case 5:
                text += text.substr(at);
                break;
            default:
                text.insert(at, below(10'000), '7');
            }
        }
        return text;
    }

    std::mt19937_64 random_{20'250'101};
};

TEST_F(scram_mutation, first_message_is_taken_or_refused_by_a_typed_error) {
    std::size_t taken = 0;
    for (int round = 0; round < 2'000; ++round) {
        scram_client scram({}, "rOprNGfwEbeRWgbNEkqO");
        const std::string message = mutated("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                            "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        try {
            const scram_challenge challenge = scram.read_server_first(message);
            EXPECT_GE(challenge.iterations, 1U);
            EXPECT_LE(challenge.iterations, max_scram_iterations);
            EXPECT_FALSE(challenge.salt.empty());
            EXPECT_TRUE(message.starts_with("r=rOprNGfwEbeRWgbNEkqO"));
            ++taken;
        } catch (const authentication_failed& refused) {
            EXPECT_LT(std::string_view(refused.what()).size(), 1000U);
        } catch (const protocol_violation& refused) {
            EXPECT_LT(std::string_view(refused.what()).size(), 1000U);
        }
    }
    EXPECT_GT(taken, 0U) << "the mutations are too wild to test anything";
}

TEST_F(scram_mutation, last_message_logs_in_with_the_right_signature_alone) {
    scram_client scram({}, "rOprNGfwEbeRWgbNEkqO", "user");
    const auto challenge = scram.read_server_first(
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
    static_cast<void>(scram.final_message(derive_salted_password("pencil", challenge)));
    const std::string honest = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    EXPECT_NO_THROW(scram.verify_server_final(honest));
    for (int round = 0; round < 2'000; ++round) {
        const std::string message = mutated(honest);
        if (message.starts_with(honest) && (message.size() == honest.size() || message[honest.size()] == ',')) continue;
        EXPECT_THROW(scram.verify_server_final(message), connection_error) << message;
    }
}

TEST_F(scram_mutation, whole_authentication_message_is_taken_or_refused_by_a_typed_error) {
    outgoing_buffer offer;
    encode(offer, authentication_request{authentication_method::sasl, {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}, {}});
    const std::string honest(as_text(body_of(offer)));
    for (int round = 0; round < 2'000; ++round) {
        const std::string body = mutated(honest);
        client_.clear();
        login_options options = options_for("pencil");
        options.tls = true;
        login attempt(options);
        try {
            attempt.receive(frame{backend_message::authentication, as_bytes(body)}, client_);
        } catch (const authentication_failed&) {
        } catch (const protocol_violation&) {
        }
        EXPECT_EQ(written(client_).find("pencil"), std::string::npos);
    }
}

} // namespace
} // namespace wharf::postgres::protocol
