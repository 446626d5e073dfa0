// The main job: every installed Debian package becomes a document with embeddings in a vector database, written by many
// coroutines through one small pool; then it is searched, loaded, changed and rolled back. See --help.
#include "load.hpp"
#include "packages.hpp"
#include "tour.hpp"

#include "support/throwaway_postgres/throwaway_postgres.hpp"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

namespace {

/// A SQLite database that is removed with its side files.
class temporary_database {
public:
    temporary_database()
        : directory_(std::filesystem::temp_directory_path() / ("wharf-demo-" + std::to_string(::getpid()))) {
        std::filesystem::create_directory(directory_);
    }
    temporary_database(const temporary_database&) = delete;
    temporary_database& operator=(const temporary_database&) = delete;
    ~temporary_database() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    [[nodiscard]] std::string url() const { return "sqlite:///" + (directory_ / "packages.db").string(); }

private:
    std::filesystem::path directory_;
};

void run(const std::string& url, const std::string& status, const demo::load_settings& settings) {
    const auto packages = demo::read_packages(std::filesystem::path(status));
    demo::drop(url);
    std::cout << packages.size() << " packages in " << status << '\n';
    const auto loading = demo::load(url, packages, settings);

    wharf::engine engine{url, {.pool_size = 2}};
    demo::show_searches(engine);
    demo::show_session(engine);
    std::cout << '\n';
    demo::show_pool("pool of the coroutines", loading);
    demo::show_pool("pool of the session", engine.stats());
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("Loads the descriptions of all installed Debian packages into a vector database and searches them.\n"
                 "Without options: into SQLite, in a temporary file.");
    bool postgres = false;
    std::string url;
    std::string status(demo::dpkg_status);
    demo::load_settings settings;
    auto* throwaway = app.add_flag("--postgres", postgres, "a throw-away PostgreSQL server");
    app.add_option("--database", url, "any database: postgresql://user:password@host/db or sqlite:///file")
        ->excludes(throwaway);
    app.add_option("--status", status, "the file that describes the packages")->capture_default_str();
    app.add_option("--tasks", settings.tasks, "coroutines that write at the same time")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--pool-size", settings.pool_size, "connections that they share")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    try {
        std::optional<temporary_database> file;
        std::unique_ptr<wharf::support::throwaway_postgres> server;
        if (postgres) {
            server = std::make_unique<wharf::support::throwaway_postgres>();
            url = server->socket_url();
        } else if (url.empty()) {
            url = file.emplace().url();
        }
        run(url, status, settings);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "demo: " << error.what() << '\n';
        return 1;
    }
}
