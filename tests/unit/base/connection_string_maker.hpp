// Random connection strings: some in shape, some slightly damaged, some of pieces thrown together.
#pragma once

#include <array>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>

namespace wharf::test {

class connection_string_maker {
public:
    explicit connection_string_maker(unsigned seed) : random_(seed) {}

    std::string next() {
        std::string text;
        switch (pick(5)) {
        case 0:
            text = thrown_together(prefix(), url_pieces);
            break;
        case 1:
            text = thrown_together("", keyword_pieces);
            break;
        case 2:
            text = keywords();
            break;
        default:
            text = url();
        }
        if (one_in(3)) damage(text);
        return text;
    }

private:
    static constexpr auto url_pieces = std::to_array<std::string_view>({"a",
                                                                        "b.c",
                                                                        ":",
                                                                        "@",
                                                                        "/",
                                                                        "?",
                                                                        ",",
                                                                        "=",
                                                                        "&",
                                                                        "%",
                                                                        "%4",
                                                                        "%41",
                                                                        "%2F",
                                                                        "%00",
                                                                        "[",
                                                                        "]",
                                                                        "[::1]",
                                                                        "1",
                                                                        "5432",
                                                                        "port=1",
                                                                        "x",
                                                                        "-",
                                                                        "user=u",
                                                                        "host=h",
                                                                        "dbname=d",
                                                                        "password=p",
                                                                        "ssl=true",
                                                                        "é",
                                                                        "sslmode=require",
                                                                        "//",
                                                                        "%2C",
                                                                        "ssl=1",
                                                                        "requiressl=1",
                                                                        "hostaddr=::1",
                                                                        "application_name=n",
                                                                        "#",
                                                                        "service=s",
                                                                        "+",
                                                                        "",
                                                                        "channel_binding=require"});
    static constexpr auto keyword_pieces = std::to_array<std::string_view>({"host",
                                                                            "=",
                                                                            " ",
                                                                            "'",
                                                                            "\\",
                                                                            "a",
                                                                            "\t",
                                                                            "\n",
                                                                            "port=1",
                                                                            "dbname='x y'",
                                                                            "\\'",
                                                                            "user = u",
                                                                            "é",
                                                                            "options='-c a=b'",
                                                                            "password=",
                                                                            "''",
                                                                            "\\\\",
                                                                            "ssl=true",
                                                                            "requiressl=1",
                                                                            "  ",
                                                                            "hostaddr=",
                                                                            "1",
                                                                            ",",
                                                                            "/tmp",
                                                                            "%41",
                                                                            "postgresql://"});
    static constexpr auto names = std::to_array<std::string_view>({"host",
                                                                   "hostaddr",
                                                                   "port",
                                                                   "dbname",
                                                                   "user",
                                                                   "password",
                                                                   "passfile",
                                                                   "connect_timeout",
                                                                   "client_encoding",
                                                                   "options",
                                                                   "application_name",
                                                                   "fallback_application_name",
                                                                   "keepalives",
                                                                   "keepalives_idle",
                                                                   "keepalives_interval",
                                                                   "keepalives_count",
                                                                   "tcp_user_timeout",
                                                                   "sslmode",
                                                                   "requiressl",
                                                                   "ssl",
                                                                   "sslcompression",
                                                                   "sslcert",
                                                                   "sslkey",
                                                                   "sslpassword",
                                                                   "sslrootcert",
                                                                   "sslcrl",
                                                                   "sslcrldir",
                                                                   "sslsni",
                                                                   "requirepeer",
                                                                   "ssl_min_protocol_version",
                                                                   "ssl_max_protocol_version",
                                                                   "gssencmode",
                                                                   "krbsrvname",
                                                                   "gsslib",
                                                                   "replication",
                                                                   "target_session_attrs",
                                                                   "channel_binding",
                                                                   "service",
                                                                   "require_auth",
                                                                   "load_balance_hosts",
                                                                   "hots",
                                                                   ""});

    std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
    bool one_in(std::size_t count) { return pick(count) == 0; }
    template <class List>
    std::string any_of(const List& list) {
        return std::string(list[pick(list.size())]);
    }

    std::string prefix() { return one_in(2) ? "postgres://" : "postgresql://"; }

    template <class List>
    std::string thrown_together(std::string text, const List& pieces) {
        for (auto count = pick(10); count > 0; --count)
            text += any_of(pieces);
        return text;
    }

    std::string word() {
        static constexpr auto words =
            std::to_array<std::string_view>({"a", "", "b%20c", "x.y", "%C3%A9", "1", "p%40", "-_~", "%2Fvar%2Frun",
                                             "%40abstract", "a%2Cb", "%27", "%5C", "%25", "Abc%2f"});
        return any_of(words);
    }
    std::string value_of(const std::string& name) {
        if (name == "port") return std::to_string(pick(70'000)) + (one_in(4) ? "," + std::to_string(pick(9)) : "");
        if (name == "host" && one_in(3)) return word() + "," + word();
        if (name == "ssl") return one_in(3) ? word() : "true";
        return word();
    }
    std::string url() {
        std::string text = prefix();
        if (one_in(2)) text += word() + (one_in(2) ? ":" + word() : "") + "@";
        for (auto hosts = pick(4); hosts > 0; --hosts)
            text += (one_in(4) ? "[fe80::1%25eth0]" : word()) + (one_in(2) ? ":" + std::to_string(1 + pick(9)) : "") +
                    (hosts > 1 ? "," : "");
        if (!one_in(3)) text += "/" + word();
        if (one_in(2)) return text;
        text += '?';
        for (auto count = pick(4); count > 0; --count) {
            const auto name = any_of(names);
            text += name + '=' + value_of(name) + (count > 1 ? "&" : "");
        }
        return text;
    }

    std::string quoted() {
        static constexpr auto pieces = std::to_array<std::string_view>(
            {"a", " ", "\\'", "\\\\", "=", "é", "\t", "\\x", "postgres://u:p@h", "\"", ",", "1"});
        std::string text = "'";
        for (auto count = pick(4); count > 0; --count)
            text += any_of(pieces);
        return text + "'";
    }
    std::string bare() {
        static constexpr auto pieces =
            std::to_array<std::string_view>({"a", "\\ ", "\\'", "\\\\", "=", "é", "'", "\\x", "/tmp", "@x", ",", "1"});
        std::string text;
        for (auto count = pick(4); count > 0; --count)
            text += any_of(pieces);
        return text;
    }
    std::string space() { return std::string(std::array<std::string_view, 4>{"", " ", "\t ", "\n"}[pick(4)]); }
    std::string keywords() {
        std::string text;
        for (auto count = pick(6); count > 0; --count) {
            const auto name = any_of(names);
            const auto value = name == "port" ? value_of(name) : one_in(2) ? quoted() : bare();
            text += name + space() + '=' + space() + value + (one_in(8) ? "" : " ");
        }
        return text;
    }

    void damage(std::string& text) {
        static constexpr std::string_view odd = "%:/?#[]@&=+,' \\\t\n\x7f"
                                                "0aA";
        for (auto count = 1 + pick(3); count > 0; --count) {
            const auto at = pick(text.size() + 1);
            const auto piece = odd.substr(pick(odd.size()), 1);
            switch (pick(3)) {
            case 0:
                text.insert(at, piece);
                break;
            case 1:
                text.erase(at, 1);
                break;
            default:
                if (at < text.size()) text.replace(at, 1, piece);
            }
        }
    }

    std::mt19937 random_;
};

} // namespace wharf::test
