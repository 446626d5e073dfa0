// Tables of PostgreSQL that are not plain ones: each can be written by a session, or is refused in one sentence.
#include "unit/orm/models.hpp"

#include "wharf/orm/errors.hpp"

namespace table_tests {

struct Entry;
struct Log {
    std::int64_t id{};
    std::string name{};
    wharf::has_many<Entry> entries{};
};
struct Entry {
    std::int64_t id{};
    wharf::belongs_to<Log> log{};
};

constexpr auto wharf_mapping(wharf::type<Log>) {
    return wharf::table<Log>("logs", wharf::primary_key<&Log::id>().generated(), wharf::column<&Log::name>(),
                             wharf::relation<&Log::entries>());
}
constexpr auto wharf_mapping(wharf::type<Entry>) {
    return wharf::table<Entry>("entries", wharf::primary_key<&Entry::id>().generated(), wharf::relation<&Entry::log>());
}

using namespace models;
using testing::AllOf;
using testing::HasSubstr;

class flush_tables : public session_test<wharf::test::on_postgres> {
protected:
    void make(std::initializer_list<std::string> statements) {
        auto session = this->session();
        for (const auto& sql : statements)
            session.execute(wharf::raw_sql(sql));
        session.execute("CREATE TABLE entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, log_id bigint)");
        session.commit();
    }

    /// Parents with children, twice, beside rows with keys of their own; then changes and deletes.
    void write_all(bool with_given_keys) {
        auto session = this->session();
        for (int round = 0; round < 2; ++round) {
            for (int i = 0; i < 3; ++i)
                session.add(Log{.name = "log", .entries = {Entry{}, Entry{}}});
            if (with_given_keys) session.add(Log{.id = 1000 + round, .name = "given"});
            session.commit();
        }
        EXPECT_EQ(count("entries e JOIN logs l ON l.id = e.log_id"), 12);
        session.close();
        auto logs = session.select<Log>().all();
        EXPECT_EQ(logs.size(), with_given_keys ? 8U : 6U);
        for (auto& log : logs)
            log->name = "changed";
        session.commit();
        EXPECT_EQ(count("logs WHERE name = 'changed'"), static_cast<std::int64_t>(logs.size()));
        for (auto& log : logs) {
            for (auto& entry : log->entries)
                session.remove(entry);
            session.remove(log);
        }
        session.commit();
        EXPECT_EQ(count("logs"), 0);
    }

    std::string refusal_of_a_new_log() {
        auto session = this->session();
        session.add(Log{.name = "x", .entries = {Entry{}}});
        try {
            session.commit();
        } catch (const wharf::flush_failed& refused) {
            return refused.what();
        }
        return "not refused";
    }
};

TEST_F(flush_tables, identity_that_is_always_generated_gives_keys_ahead) {
    make({"CREATE TABLE logs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)"});
    write_all(true);
}

TEST_F(flush_tables, child_of_inherits_has_no_sequence_of_its_own) {
    make({"CREATE TABLE all_logs (id bigserial PRIMARY KEY, name text)", "CREATE TABLE logs () INHERITS (all_logs)"});
    write_all(true);
}

TEST_F(flush_tables, view_with_instead_of_triggers) {
    make({"CREATE TABLE stored (id bigserial PRIMARY KEY, name text)",
          "CREATE VIEW logs AS SELECT id, name FROM stored",
          "CREATE FUNCTION write_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
          "IF TG_OP = 'INSERT' THEN "
          "INSERT INTO stored (id, name) VALUES (coalesce(NEW.id, nextval('stored_id_seq')), NEW.name) "
          "RETURNING id INTO NEW.id; RETURN NEW; "
          "ELSIF TG_OP = 'UPDATE' THEN UPDATE stored SET name = NEW.name WHERE id = OLD.id; RETURN NEW; "
          "ELSE DELETE FROM stored WHERE id = OLD.id; RETURN OLD; END IF; END $$",
          "CREATE TRIGGER writing INSTEAD OF INSERT OR UPDATE OR DELETE ON logs FOR EACH ROW "
          "EXECUTE FUNCTION write_log()"});
    write_all(true);
}

TEST_F(flush_tables, view_whose_trigger_gives_no_key_is_refused_in_a_sentence) {
    make({"CREATE TABLE stored (id bigserial PRIMARY KEY, name text)",
          "CREATE VIEW logs AS SELECT id, name FROM stored",
          "CREATE FUNCTION write_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
          "INSERT INTO stored (name) VALUES (NEW.name); RETURN NEW; END $$",
          "CREATE TRIGGER writing INSTEAD OF INSERT ON logs FOR EACH ROW EXECUTE FUNCTION write_log()"});
    EXPECT_THAT(refusal_of_a_new_log(), AllOf(HasSubstr("logs"), HasSubstr("gave no key")));
    EXPECT_EQ(count("logs"), 0);
}

TEST_F(flush_tables, table_with_a_rule_that_does_more_is_refused_in_a_sentence) {
    make({"CREATE TABLE logs (id bigserial PRIMARY KEY, name text)", "CREATE TABLE seen (name text)",
          "CREATE RULE noting AS ON INSERT TO logs DO ALSO INSERT INTO seen VALUES (NEW.name)"});
    EXPECT_THAT(refusal_of_a_new_log(), AllOf(HasSubstr("logs"), HasSubstr("rule"), HasSubstr("trigger")));
    EXPECT_EQ(count("seen"), 0);
}

} // namespace table_tests
