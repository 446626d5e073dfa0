#include "load.hpp"

#include "embedding.hpp"
#include "progress.hpp"
#include "tables.hpp"

#include <wharf/asio.hpp>

#include <boost/asio.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <utility>

namespace demo {
namespace {

namespace asio = boost::asio;

std::size_t terminal_width() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

wharf::embedded_document to_document(const package& from) {
    auto document = wharf::document(from.name + ": " + from.summary, from.description)
                        .metadata("section", from.section)
                        .metadata("maintainer", from.maintainer)
                        .metadata("version", from.version);
    std::vector<wharf::embedding> embeddings;
    embeddings.push_back(embed(from.name + ' ' + from.summary, from.description));
    auto title_only = embed(from.name + ' ' + from.summary);
    if (std::ranges::any_of(title_only, [](float value) { return value != 0; })) {
        embeddings.push_back(std::move(title_only));
    }
    return {std::move(document), std::move(embeddings)};
}

/// What the tasks share, all on one thread.
struct job {
    wharf::async_vector_database& database;
    const std::vector<package>& packages;
    std::size_t batch_size;
    progress& shown;
    std::size_t next{0};
    std::size_t done{0};
    std::size_t running{0};
    std::exception_ptr failure{};
};

asio::awaitable<void> write_packages(job& shared) {
    while (shared.next < shared.packages.size() && !shared.failure) {
        const auto first = shared.next;
        const auto last = std::min(first + shared.batch_size, shared.packages.size());
        shared.next = last;
        std::vector<wharf::embedded_document> batch;
        for (auto at = first; at < last; ++at)
            batch.push_back(to_document(shared.packages[at]));
        co_await shared.database.add_documents(std::move(batch));
        shared.done += last - first;
        shared.shown.update(shared.done, progress::clock::now());
    }
}

asio::awaitable<void> prepare_and_write(wharf::async_engine& engine, job& shared, std::size_t tasks) {
    co_await shared.database.create_schema();
    const auto executor = co_await asio::this_coro::executor;
    shared.running = tasks;
    for (std::size_t task = 0; task < tasks; ++task) {
        asio::co_spawn(executor, write_packages(shared), [&shared](std::exception_ptr failure) {
            if (failure && !shared.failure) shared.failure = std::move(failure);
            --shared.running;
        });
    }
    asio::steady_timer timer(executor);
    while (shared.running > 0) {
        timer.expires_after(std::chrono::milliseconds(1));
        co_await timer.async_wait(asio::use_awaitable);
    }
    co_await engine.close();
}

} // namespace

void drop(const std::string& url) {
    wharf::pool pool{url, {.min_size = 1, .max_size = 1}};
    pool.open(); // says at once what is wrong with the URL, the server or the password
    auto connection = pool.acquire();
    connection.execute(wharf::raw_sql(std::string("DROP TABLE IF EXISTS ") + embeddings_table));
    connection.execute(wharf::raw_sql(std::string("DROP TABLE IF EXISTS ") + documents_table));
}

wharf::pool_stats load(const std::string& url, const std::vector<package>& packages, const load_settings& settings) {
    asio::io_context context(1);
    wharf::async_engine engine{context.get_executor(), url, {.pool_size = settings.pool_size}};
    wharf::async_vector_database database{engine,
                                          {.dimensions = embedding_dimensions,
                                           .model = "hashed-ngrams",
                                           .documents = documents_table,
                                           .embeddings = embeddings_table}};
    std::cout << database.describe() << '\n';

    progress shown(std::cout, ::isatty(STDOUT_FILENO) != 0, "packages", packages.size(), terminal_width());
    job shared{database, packages, settings.batch_size, shown};
    asio::co_spawn(context, prepare_and_write(engine, shared, settings.tasks), [&shared](std::exception_ptr failure) {
        if (failure && !shared.failure) shared.failure = std::move(failure);
    });
    context.run();
    if (shared.failure) std::rethrow_exception(shared.failure);
    shown.finish(progress::clock::now());
    return engine.stats();
}

} // namespace demo
