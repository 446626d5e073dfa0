// with_database COMMAND...: runs the command with the URL of an empty database on the test server as its last argument,
// and exits with its code.
#include "support/postgres_server.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <iostream>
#include <vector>

int main(int argc, char** argv) {
    try {
        const wharf::test::database database;
        auto url = database.url();
        std::vector<char*> command(argv + 1, argv + argc);
        command.push_back(url.data());
        command.push_back(nullptr);
        const auto child = ::fork();
        if (child == 0) {
            ::execv(command.front(), command.data());
            ::_exit(127);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    } catch (const std::exception& error) {
        std::cerr << "with_database: " << error.what() << '\n';
        return 1;
    }
}
