#include "tour.hpp"

#include "embedding.hpp"
#include "tables.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <stdexcept>

namespace demo {
namespace {

using wharf::col;

struct change_of_mind : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::int64_t packages_in(wharf::session& session) {
    return session.select<const stored_package>().count();
}

void print_statements(const wharf::sql_recorder& recorder) {
    for (const auto& statement : recorder.sql())
        std::cout << "    " << statement << '\n';
}

} // namespace

void show_searches(wharf::engine& engine) {
    wharf::vector_database database{engine,
                                    {.dimensions = embedding_dimensions,
                                     .model = "hashed-ngrams",
                                     .documents = documents_table,
                                     .embeddings = embeddings_table}};
    for (const char* text : {"web browser", "compress files", "c++ compiler"}) {
        std::cout << "\nsearch: " << text << '\n';
        for (const auto& hit : database.search(embed(text), {.limit = 3})) {
            std::cout << "  " << std::fixed << std::setprecision(3) << hit.distance << "  " << hit.document.title
                      << '\n';
        }
    }
}

void show_session(wharf::engine& engine) {
    wharf::session session{engine};
    wharf::sql_recorder recorder{engine};

    auto package = session.select<stored_package>().order_by(col<&stored_package::id>).first();
    const auto again = session.get<stored_package>(package.read()->id);
    std::cout << "\nsession: loaded twice, one object: " << std::boolalpha << (package == again) << '\n';

    recorder.clear();
    package->title += " (seen)";
    session.commit();
    std::cout << "  a changed title is one column in one UPDATE:\n";
    print_statements(recorder);

    recorder.clear();
    wharf::session reader{engine};
    std::size_t vectors = 0;
    const auto some = reader.select<stored_package>().order_by(col<&stored_package::id>).limit(20).all();
    for (const auto& one : some)
        vectors += one.read()->vectors.size();
    const auto sent = recorder.sql();
    const auto reads = std::ranges::count_if(sent, [](const auto& sql) { return sql.starts_with("SELECT"); });
    std::cout << "  " << vectors << " embeddings of " << some.size() << " packages, loaded when looked at: " << reads
              << " queries in all, the one for the packages included\n";

    const auto before = packages_in(reader);
    try {
        reader.transact([&] {
            for (const auto& one : some) {
                for (const auto& vector : one->vectors)
                    reader.remove(vector);
                reader.remove(one);
            }
            reader.flush();
            std::cout << "  in a transaction: " << packages_in(reader) << " packages left";
            throw change_of_mind("no, keep them");
        });
    } catch (const change_of_mind&) {
        std::cout << "; rolled back: " << packages_in(reader) << " of " << before << '\n';
    }
}

void show_pool(const std::string& what, const wharf::pool_stats& stats) {
    std::cout << what << ": " << stats.opened << " connections opened, lent " << stats.acquired << " times, "
              << stats.reused << " reused, " << stats.waited << " waited for, at most " << stats.peak_lent
              << " lent at once\n";
}

} // namespace demo
