// A session as a whole: its limits and settings, what is in it, and what its objects ask of it. Its other members are
// in the session_*.cpp and in membership.cpp, by what they do.
#include "wharf/orm/session_core.hpp"

#include "orm/flush_plan.hpp"

namespace wharf::orm {

session_core::session_core(std::shared_ptr<engine_core> engine, const session_options& options, lazy_access access)
    : parts_(std::make_unique<session_parts>(*this, std::move(engine), options, access)) {}

session_core::~session_core() {
    end();
}

void throw_moved_from() {
    throw usage_error("this session, or this scope of its transaction, was moved from; use what it was moved to");
}

backend session_core::kind() const noexcept {
    return parts_->engine->kind();
}

io::background& session_core::context() const {
    return parts_->engine->pool().context();
}

call_options session_core::limits(const call_options& asked) const {
    return limits(asked, nullptr);
}

call_options session_core::limits(const call_options& asked, const joined_stop* joined) const {
    auto stop = asked.stop();
    if (joined != nullptr) {
        stop = joined->token();
    } else if (!stop.stop_possible()) {
        stop = parts_->stop.get_token();
    }
    const bool has_own = asked.deadline() != never || parts_->options.timeout.count() == 0;
    auto limits = has_own ? asked : call_options(parts_->options.timeout);
    limits.stopped_by(std::move(stop));
    if (asked.cancellation()) limits.when_given_up(*asked.cancellation());
    return limits;
}

std::shared_ptr<joined_stop> session_core::join(const std::stop_token& asked) const {
    if (!asked.stop_possible()) return nullptr;
    return std::make_shared<joined_stop>(asked, parts_->stop.get_token());
}

void session_core::release_unused() {
    const brief_scope scope(*parts_);
    std::vector<object_state*> unused;
    parts_->map.for_each([&](object_state& object) {
        if (object.references.load(std::memory_order_acquire) != 1 || object.removal || !is_clean(object)) return;
        unused.push_back(&object);
    });
    for (auto* const object : unused) {
        const auto last = parts_->map.erase(*object);
        make_detached(*parts_, *object);
    }
}

bool session_core::is_modified() const {
    const brief_scope scope(*parts_);
    return has_changes(*parts_, {}, true);
}

bool session_core::is_modified(object_state& object) const {
    const brief_scope scope(*parts_);
    if (object.session != this || object.status == object_status::deleted) return false;
    return object.status == object_status::pending || object.removal || is_changed(object);
}

std::vector<entity_base> session_core::new_objects() const {
    const brief_scope scope(*parts_);
    parts_->added.sort();
    return parts_->added.items();
}

std::vector<entity_base> session_core::dirty_objects() const {
    const brief_scope scope(*parts_);
    std::vector<entity_base> changed;
    for (auto* const object : parts_->watched)
        if (!object->removal && is_changed(*object)) changed.push_back(entity_base::share(object));
    return changed;
}

std::vector<entity_base> session_core::deleted_objects() const {
    const brief_scope scope(*parts_);
    return parts_->removed.items();
}

std::size_t session_core::object_count() const {
    const brief_scope scope(*parts_);
    return parts_->map.size();
}

std::size_t session_core::watched_count() const {
    const brief_scope scope(*parts_);
    return parts_->watched.size();
}

void session_core::set_timeout(std::chrono::milliseconds timeout) {
    const brief_scope scope(*parts_);
    parts_->options.timeout = timeout;
}

void session_core::set_autoflush(bool on) {
    const brief_scope scope(*parts_);
    parts_->options.autoflush = on;
}

object_state* session_core::find(const class_descriptor& type, const key_value& key) const noexcept {
    return parts_->map.find(type, key);
}

void session_core::watch(object_state& object) {
    const brief_scope scope(*parts_);
    start_watching(*parts_, object);
}

void session_core::before_change(object_state& object) {
    parts_->tx.remember(object);
}

void session_core::before_change(const collection_base& collection) {
    parts_->tx.remember(collection);
}

bool session_core::answers(std::uint64_t read_at) const noexcept {
    return !parts_->tx.strict || parts_->tx.is_own(read_at);
}

} // namespace wharf::orm
