// A session: objects are added, changed and loaded; one transaction writes what has changed.
//
//   session [URL]     default: sqlite:///session_example.db
#include <wharf/wharf.hpp>

#include <cstdint>
#include <iostream>
#include <string>

namespace app {

struct Profile;

struct User {
    std::int64_t id{};
    std::string name{};
    wharf::has_many<Profile> profiles{}; // loaded when it is first looked at
};

struct Profile {
    std::int64_t id{};
    wharf::belongs_to<User> user{}; // column user_id
    std::string bio{};
};

constexpr auto wharf_mapping(wharf::type<User>) {
    return wharf::table<User>("users", wharf::primary_key<&User::id>().generated(), wharf::column<&User::name>(),
                              wharf::relation<&User::profiles>());
}
constexpr auto wharf_mapping(wharf::type<Profile>) {
    return wharf::table<Profile>("profiles", wharf::primary_key<&Profile::id>().generated(),
                                 wharf::relation<&Profile::user>(), wharf::column<&Profile::bio>());
}

} // namespace app

namespace {

using app::Profile;
using app::User;
using wharf::col;

std::int64_t users_in_database(wharf::engine& engine) {
    wharf::session other{engine};
    return other.select<const User>().count();
}

void run(const std::string& url) {
    wharf::engine engine{url, {.pool_size = 5}};
    wharf::drop_tables<User, Profile>(engine);
    wharf::create_tables<User, Profile>(engine);

    wharf::session session{engine};
    auto user = session.add(User{.name = "John"});
    session.add(Profile{.user = user, .bio = "likes boats"});
    std::cout << "before commit, in the database: " << users_in_database(engine) << '\n';
    session.commit();
    std::cout << "after commit: " << users_in_database(engine) << ", and John has id " << user->id << '\n';

    user->name = "Johnny"; // found by comparing; only this column is written
    session.commit();

    // Reads, changes and writes: where another program changes the row in between, it is tried again from the read.
    wharf::run_transaction(session, [&](wharf::session& trying) {
        auto again = trying.get_one<User>(user->id);
        again->name += " Smith";
    });

    const auto same = session.get<User>(user->id);
    std::cout << "one row, one object: " << std::boolalpha << (same == user) << '\n';

    {
        wharf::session reader{engine};
        const auto found =
            reader.select<const User>().where(col<&User::name>.like("John%")).order_by(col<&User::id>).all();
        for (const auto& one : found) {
            std::cout << one->name << '\n';
            for (const auto& profile : one->profiles)
                std::cout << "  " << profile->bio << '\n'; // one SELECT for all
        }
        std::cout << "connections lent while it reads: " << engine.stats().lent << '\n';
    } // the destructor gives the connection back
    session.close(); // so does close()
    std::cout << "and after: " << engine.stats().lent << '\n';
}

} // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : "sqlite:///session_example.db");
    } catch (const wharf::error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
