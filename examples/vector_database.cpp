// A small vector database by hand: a class that owns a pool, and writes a document and its embedding in one
// transaction. wharf::vector_database does this and more; here is how it is built from connections.
//
//   vector_database [URL]     default: sqlite:///vector_example.db
#include <wharf/asio.hpp>

#include <boost/asio.hpp>

#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asio = boost::asio;

namespace {

class VectorDatabase {
public:
    VectorDatabase(const asio::any_io_executor& executor, std::string_view url)
        : pool_{executor, url, {.min_size = 2, .max_size = 10}} {}

    asio::awaitable<void> open() {
        co_await pool_.open(); // two connections are open now
        auto connection = co_await pool_.acquire();
        co_await connection.execute("DROP TABLE IF EXISTS embeddings");
        co_await connection.execute("DROP TABLE IF EXISTS documents");
        co_await connection.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY, title TEXT NOT NULL)");
        const std::string embeddings =
            "CREATE TABLE embeddings (document_id INTEGER NOT NULL REFERENCES documents (id), "
            "embedding " +
            vector_type() + " NOT NULL)";
        co_await connection.execute(wharf::raw_sql(embeddings));
    }

    asio::awaitable<void> add_document(std::int64_t id, std::string title, std::vector<float> embedding) {
        auto connection = co_await pool_.acquire();
        auto transaction = connection.begin(); // rolled back unless committed
        co_await connection.execute("INSERT INTO documents (id, title) VALUES ($1, $2)", id, title);
        co_await connection.execute("INSERT INTO embeddings (document_id, embedding) VALUES ($1, $2)", id, embedding);
        co_await transaction.commit();
    }

    asio::awaitable<std::int64_t> count(std::string table) {
        auto connection = co_await pool_.acquire();
        auto counted = co_await connection.query<std::int64_t>(wharf::raw_sql("SELECT count(*) FROM " + table));
        co_return std::move(counted).one();
    }

    asio::awaitable<void> close() { co_await pool_.close(); }

private:
    [[nodiscard]] std::string vector_type() const {
        return pool_.kind() == wharf::backend::postgres ? "real[]" : "BLOB";
    }

    wharf::async_pool pool_;
};

asio::awaitable<void> run(std::string url) {
    const auto executor = co_await asio::this_coro::executor;
    VectorDatabase database(executor, url);
    co_await database.open();

    std::vector<float> embedding(3, 0.5F);
    co_await database.add_document(1, "Moby-Dick", embedding);
    co_await database.add_document(2, "Dracula", embedding);
    try {
        co_await database.add_document(2, "a second document with the same id", embedding);
    } catch (const wharf::unique_violation& error) {
        std::cout << "refused: " << error.message() << '\n';
    }
    const auto documents = co_await database.count("documents");
    const auto embeddings = co_await database.count("embeddings");
    std::cout << documents << " documents, " << embeddings << " embeddings\n";
    co_await database.close();
}

} // namespace

int main(int argc, char** argv) {
    asio::io_context context;
    int status = 0;
    asio::co_spawn(context, run(argc > 1 ? argv[1] : "sqlite:///vector_example.db"),
                   [&status](const std::exception_ptr& failure) {
                       try {
                           if (failure) std::rethrow_exception(failure);
                       } catch (const std::exception& error) {
                           std::cerr << error.what() << '\n';
                           status = 1;
                       }
                   });
    context.run();
    return status;
}
