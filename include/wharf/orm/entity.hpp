// entity<T>: a handle to an object of a mapped class, shared with its session and with other handles.
//
//   auto user = session.get_one<User>(7);
//   std::cout << user.read()->name;      // reads only
//   user->name = "Bob";                  // a non-const access: the session will look for changes
//
// Nullable, checked, pointer-like. entity<const T> is the read-only side: going through it never makes the session
// look at the object, which is what loops that only read should use.
// Assigning to a member through it, or through a const entity<T>, is refused in the words of the member's type: "no
// match for operator=" with a const std::string says that the handle is const. Handles are counted atomically: a
// detached object may go to another thread. Its values stay readable when the session has gone; its relations throw
// `detached`. New objects that refer to each other are one thread's at a time until they are in a session; they end
// with the last handle from outside, also when they go round in a circle.
#pragma once

#include "wharf/orm/object_state.hpp"

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#if defined(__clang__)
#define WHARF_LIFETIMEBOUND [[clang::lifetimebound]]
#else
#define WHARF_LIFETIMEBOUND
#endif

namespace wharf {

/// See describe.hpp.
template <class T>
[[nodiscard]] const orm::class_descriptor& describe();

namespace orm {

/// The untyped part of an entity: counts references.
class entity_base {
public:
    entity_base() noexcept = default;
    /// Takes over one reference, or shares it.
    static entity_base adopt(object_state* state) noexcept {
        entity_base made;
        made.state_ = state;
        return made;
    }
    static entity_base share(object_state* state) noexcept {
        if (state != nullptr) state->references.fetch_add(1, std::memory_order_relaxed);
        return adopt(state);
    }
    /// Hands its reference over.
    [[nodiscard]] object_state* give_up() noexcept { return std::exchange(state_, nullptr); }
    entity_base(const entity_base& other) noexcept : state_(other.state_) {
        if (state_ != nullptr) state_->references.fetch_add(1, std::memory_order_relaxed);
    }
    entity_base(entity_base&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
    entity_base& operator=(entity_base other) noexcept {
        std::swap(state_, other.state_);
        return *this;
    }
    ~entity_base() {
        if (state_ == nullptr) return;
        if (state_->loose.load(std::memory_order_acquire)) [[unlikely]] {
            release_loose(*state_);
        } else if (state_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            destroy_object(*state_);
        }
    }

    [[nodiscard]] explicit operator bool() const noexcept { return state_ != nullptr; }
    [[nodiscard]] object_state* state() const noexcept { return state_; }

protected:
    // The object, whose class has this alignment: one function for all such classes.
    template <std::size_t Alignment>
    [[nodiscard]] void* for_reading() const {
        if (state_ == nullptr) [[unlikely]]
            throw_null_entity();
        if ((state_->traps & object_state::trap_read) != 0) [[unlikely]]
            before_read(*state_);
        return object<Alignment>();
    }
    template <std::size_t Alignment>
    [[nodiscard]] void* for_writing() const {
        if (state_ == nullptr) [[unlikely]]
            throw_null_entity();
        if (state_->traps != 0) [[unlikely]]
            before_write(*state_);
        return object<Alignment>();
    }

private:
    template <std::size_t Alignment>
    [[nodiscard]] void* object() const noexcept {
        return reinterpret_cast<char*>(state_) + object_state::header_size(Alignment);
    }

    object_state* state_{nullptr};
};

} // namespace orm

namespace orm::detail {
// A function and no lambda, and above no lookup of operator&: there is one for every mapped class.
template <class T>
void move_construct(void* memory, void* source) {
    ::new (memory) T(static_cast<T&&>(*static_cast<T*>(source)));
}
} // namespace orm::detail

template <class T>
class entity;

/// The read-only side.
template <class T>
class entity<const T> : public orm::entity_base {
public:
    using element_type = const T;

    entity() noexcept = default;
    explicit(false) entity(std::nullptr_t) noexcept {}
    /// For the library: `handle` is of class T.
    explicit entity(orm::entity_base&& handle) noexcept : entity_base(static_cast<orm::entity_base&&>(handle)) {}

    const T* operator->() const WHARF_LIFETIMEBOUND {
        return static_cast<T*>(this->template for_reading<alignof(T)>());
    }
    const T& operator*() const WHARF_LIFETIMEBOUND { return *this->operator->(); }
    [[nodiscard]] const entity& read() const noexcept WHARF_LIFETIMEBOUND { return *this; }

    /// Same object, as for pointers.
    friend bool operator==(const entity& left, const entity& right) noexcept { return left.state() == right.state(); }
    friend bool operator==(const entity& left, std::nullptr_t) noexcept { return left.state() == nullptr; }
};

template <class T>
class entity : public entity<const T> {
public:
    using element_type = T;

    entity() noexcept = default;
    explicit(false) entity(std::nullptr_t) noexcept {}
    /// A transient object: in no session until it is added.
    explicit(false) entity(T&& value)
        : entity<const T>(orm::entity_base::adopt(
              orm::make_loose_object(describe<T>(), __builtin_addressof(value), &orm::detail::move_construct<T>))) {}
    explicit entity(orm::entity_base&& handle) noexcept : entity<const T>(static_cast<orm::entity_base&&>(handle)) {}

    entity(const entity&) noexcept = default;
    entity(entity&&) noexcept = default;
    entity& operator=(const entity&) & noexcept = default;
    entity& operator=(entity&&) & noexcept = default;
    ~entity() = default;
    // Not there: nobody would see what is assigned to the copy that a collection's [] or a relation's get() gives.
    template <class Other>
    entity& operator=(Other&& /*other*/) && {
        static_assert(
            sizeof(std::remove_reference_t<Other>*) == 0,
            "wharf: this handle is a copy, and assigning to it would change nothing: the items of a collection "
            "are changed by add(), remove() and replace(), and a reference by assigning to the member itself");
        return *this;
    }

    T* operator->() WHARF_LIFETIMEBOUND { return static_cast<T*>(this->template for_writing<alignof(T)>()); }
    const T* operator->() const WHARF_LIFETIMEBOUND {
        return static_cast<T*>(this->template for_reading<alignof(T)>());
    }
    /// The next flush writes its changes over what others have made of them meanwhile.
    void overwrite() const { orm::ask_for_check(this->state(), orm::object_state::overwrite); }
    /// The next flush of its changes fails with stale_data when others have changed any of its columns: for decisions
    /// that rest on columns which are not written.
    void check_row() const { orm::ask_for_check(this->state(), orm::object_state::check_row); }

    T& operator*() WHARF_LIFETIMEBOUND { return *this->operator->(); }
    const T& operator*() const WHARF_LIFETIMEBOUND { return *this->operator->(); }
};

} // namespace wharf

template <class T>
struct std::hash<wharf::entity<T>> {
    std::size_t operator()(const wharf::entity<T>& of) const noexcept { return std::hash<const void*>{}(of.state()); }
};
