#include <iostream>
#include <wharf/base/error.hpp>

int main() {
    const wharf::error reached("reached");
    std::cout << reached.what() << '\n';
}
