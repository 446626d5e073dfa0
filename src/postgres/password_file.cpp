#include "postgres/password_file.hpp"

#include "postgres/default_socket.hpp"

#include <openssl/crypto.h>
#include <sys/stat.h>

#include <fstream>
#include <string_view>

namespace wharf::postgres {
namespace {

// Whether the field in front of `rest` is `*` or `wanted`; if so it is taken off, with its colon.
bool take_field(std::string_view& rest, std::string_view wanted) {
    if (rest.starts_with("*:")) {
        rest.remove_prefix(2);
        return true;
    }
    std::size_t at = 0;
    for (std::size_t matched = 0; at < rest.size(); ++at) {
        const bool escaped = rest[at] == '\\';
        if (escaped && ++at == rest.size()) return false;
        if (!escaped && rest[at] == ':' && matched == wanted.size()) {
            rest.remove_prefix(at + 1);
            return true;
        }
        if (matched == wanted.size() || rest[at] != wanted[matched]) return false;
        ++matched;
    }
    return false;
}

std::string read_password(std::string_view rest) {
    std::string password;
    for (std::size_t at = 0; at < rest.size() && rest[at] != ':'; ++at) {
        if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
        password += rest[at];
    }
    return password;
}

} // namespace

password_answer look_up_password(const password_question& question) {
    password_answer answer;
    struct stat status{};
    if (question.path.empty() || ::stat(question.path.c_str(), &status) != 0) return answer;
    if (!S_ISREG(status.st_mode)) {
        answer.problem = "the password file \"" + question.path + "\" is not a plain file and was not used";
        return answer;
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        answer.problem = "the password file \"" + question.path +
                         "\" was not used: others than its owner have access to it; permissions should be u=rw (0600)";
        return answer;
    }
    const std::string host = question.host == default_socket_directory ? "localhost" : question.host;
    const std::string port = std::to_string(question.port);
    std::ifstream file(question.path);
    for (std::string line; !answer.password && std::getline(file, line);) {
        while (line.ends_with('\r'))
            line.pop_back();
        std::string_view rest = line;
        if (!rest.starts_with('#') && take_field(rest, host) && take_field(rest, port) &&
            take_field(rest, question.database) && take_field(rest, question.user))
            answer.password = read_password(rest);
        ::OPENSSL_cleanse(line.data(), line.size());
    }
    return answer;
}

} // namespace wharf::postgres
