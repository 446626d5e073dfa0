#include <boost/asio.hpp>
#include <wharf/asio.hpp>

namespace {

boost::asio::awaitable<void> use(wharf::async_pool& pool, int& answer) {
    auto connection = co_await pool.acquire();
    auto found = co_await connection.query<int>("SELECT $1", 42);
    answer = std::move(found).one();
}

} // namespace

int main() {
    boost::asio::io_context context;
    wharf::async_pool pool{context.get_executor(), "sqlite://"};
    int answer = 0;
    boost::asio::co_spawn(context, use(pool, answer), boost::asio::detached);
    context.run();
    return answer == 42 ? 0 : 1;
}
