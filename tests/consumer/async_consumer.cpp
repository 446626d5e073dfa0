#include <boost/asio/io_context.hpp>
#include <wharf/base/error.hpp>

int main() {
    boost::asio::io_context().run();
}
