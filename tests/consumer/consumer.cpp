#include <iostream>
#include <string>
#include <wharf/wharf.hpp>

namespace consumer {

struct Note {
    std::int64_t id{};
    std::string text{};
};

constexpr auto wharf_mapping(wharf::type<Note>) {
    return wharf::table<Note>("notes", wharf::primary_key<&Note::id>().generated(), wharf::column<&Note::text>());
}

} // namespace consumer

int main() {
    wharf::engine engine{"sqlite://"};
    wharf::create_tables<consumer::Note>(engine);
    wharf::session session{engine};
    auto note = session.add(consumer::Note{.text = "reached"});
    session.commit();
    std::cout << note->id << ' ' << note->text << '\n';
    return session.select<const consumer::Note>().count() == 1 ? 0 : 1;
}
