// One sequence of steps on a pool in virtual time, and what must be true all the while.
#pragma once

#include "unit/pool/model/step.hpp"
#include "unit/pool/stub_database.hpp"
#include "unit/pool/virtual_world.hpp"
#include "wharf/pool/pool_core.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace wharf::test::pool_model {

/// A promise that was not kept.
class broken_promise : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// Settings left to chance.
[[nodiscard]] pool_options settings_from(unsigned seed);
[[nodiscard]] std::string to_text(const pool_options& settings);

/// What the model knows: who holds what, who waits since when and until when, and what was told to whom.
class play {
public:
    explicit play(const pool_options& settings);
    play(const play&) = delete;
    play& operator=(const play&) = delete;
    ~play();

    /// Each throws broken_promise.
    void run(const step& next);
    /// The server is well again, everything is given back, and then all must be as it was promised.
    void end();

private:
    struct waiting {
        virtual_world::running<lease> op;
        time_point since;
        time_point in_line_since; ///< at the latest
        duration limit;
        time_point deadline;
        bool has_run;           ///< it may stand in the line
        bool cancelled;         ///< it was told to stop
        std::uint64_t ended{0}; ///< connections when it came
    };
    struct errand {
        virtual_world::running<void> op;
        time_point deadline;
        bool closes;
    };
    struct told {
        std::uint64_t served{0};
        std::uint64_t timeouts{0};
        std::uint64_t cancelled{0};
        std::uint64_t rejected{0};
        std::uint64_t destroyed{0};
        std::uint64_t released{0};
    };

    void act(const step& next);
    void start_acquire(unsigned timeout, bool runs);
    void start_stopped();
    void try_now();
    void release(unsigned which);
    void begin_on(unsigned which);
    void use(unsigned which);
    void give_up(const step& next);
    void set_mood(dial& which, unsigned mood);
    void happen_to_driver(const step& next);
    void let_time_pass(unsigned how_long, bool things_happen);
    void open();
    void close();

    void collect();
    void collect_one(waiting& done);
    void collect_errand(errand& done);
    void check_books();
    void check_line();
    void check_deadlines();
    void check_order(const waiting& served);
    void check_lent(const lease& lent) const;
    [[nodiscard]] std::uint64_t ended() const;
    void all_are_served_or_told();
    void floor_is_filled();
    void every_place_can_be_had();
    void pool_ends();
    void nothing_is_left();
    void heal();
    void require(bool promise, const std::string& what) const;
    [[nodiscard]] bool is_over() const noexcept { return closed_ || !pool_; }
    [[nodiscard]] stub_driver* driver_of(const lease& lent) const;

    const pool_options settings_;
    virtual_world world_{};
    std::shared_ptr<stub_database> database_ = std::make_shared<stub_database>(world_);
    std::unique_ptr<pool_core> pool_;
    std::vector<lease> leases_{};
    std::list<waiting> waiting_{}; // in the order in which they came
    std::list<errand> errands_{};
    told told_{};
    bool closed_{false};
    bool refused_{false}; ///< a connect has failed in a way that waiting cannot mend
};

} // namespace wharf::test::pool_model
