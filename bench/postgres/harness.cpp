#include "harness.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace bench {
namespace {

struct sample {
    double per_second{0};
    double client_microseconds{0};
    double server_microseconds{0};
};

double client_cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& span) {
        return static_cast<double>(span.tv_sec) + static_cast<double>(span.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Nanoseconds on a CPU, from the scheduler; the ticks of /proc/PID/stat are too coarse.
double server_cpu_seconds(const std::vector<std::int32_t>& backends) {
    double total = 0;
    for (const std::int32_t pid : backends) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
        double nanoseconds = 0;
        file >> nanoseconds;
        total += nanoseconds * 1e-9;
    }
    return total;
}

void keep_on(const cpu_set_t& cores, const std::vector<std::int32_t>& backends) {
    ::sched_setaffinity(0, sizeof cores, &cores);
    for (const std::int32_t pid : backends)
        ::sched_setaffinity(pid, sizeof cores, &cores); // needs root or the server's own user; a benefit, no need
}

sample measure(const row& what, const contender& who) {
    if (who.before) who.before();
    const double client = client_cpu_seconds();
    const double server = server_cpu_seconds(who.backends);
    const auto start = std::chrono::steady_clock::now();
    who.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const auto operations = static_cast<double>(what.operations);
    return {operations / took.count(), (client_cpu_seconds() - client) / operations * 1e6,
            (server_cpu_seconds(who.backends) - server) / operations * 1e6};
}

struct summary {
    double median{0};
    double half_range{0};
};

summary summarise(const std::vector<sample>& samples, double sample::* field) {
    std::vector<double> values;
    for (const sample& each : samples)
        values.push_back(each.*field);
    std::ranges::sort(values);
    return {values[values.size() / 2], (values.back() - values.front()) / 2};
}

double ratio(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

} // namespace

void harness::run(const row& what) const {
    cpu_set_t all;
    ::sched_getaffinity(0, sizeof all, &all);
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);

    std::vector<std::vector<sample>> samples(what.contenders.size());
    for (std::size_t round = 0; round <= how_.rounds; ++round) { // the first is not counted
        for (std::size_t i = 0; i < what.contenders.size(); ++i) {
            const contender& who = what.contenders[i];
            if (what.one_core) keep_on(first, who.backends);
            const sample got = measure(what, who);
            if (what.one_core) keep_on(all, who.backends);
            if (round != 0) samples[i].push_back(got);
        }
    }

    std::printf("\n%s. %s (%llu %ss a round)\n", what.number.c_str(), what.title.c_str(),
                static_cast<unsigned long long>(what.operations), what.unit.c_str());
    std::printf("   %-30s %12s %7s %16s %16s %9s %9s\n", "client", "per second", "+-", "client CPU us", "server CPU us",
                "of limit", "CPU");
    const summary limit_speed = summarise(samples.front(), &sample::per_second);
    const summary limit_cpu = summarise(samples.front(), &sample::client_microseconds);
    for (std::size_t i = 0; i < what.contenders.size(); ++i) {
        const summary speed = summarise(samples[i], &sample::per_second);
        const summary client = summarise(samples[i], &sample::client_microseconds);
        const summary server = summarise(samples[i], &sample::server_microseconds);
        const double of_limit = ratio(speed.median, limit_speed.median);
        const double cpu_of_limit = ratio(client.median, limit_cpu.median);
        std::printf("   %-30s %12.0f %6.0f%% %9.3f +-%5.3f %16.3f %9.2f %9.2f\n", what.contenders[i].name.c_str(),
                    speed.median, ratio(speed.half_range, speed.median) * 100, client.median, client.half_range,
                    server.median, of_limit, cpu_of_limit);
        if (how_.json != nullptr)
            std::fprintf(how_.json,
                         "{\"row\": \"%s\", \"client\": \"%s\", \"ops_per_s\": %.1f, \"client_cpu_us_per_op\": %.4f, "
                         "\"server_cpu_us_per_op\": %.4f, \"ratio_to_limit\": %.4f, \"cpu_ratio_to_limit\": %.4f}\n",
                         what.number.c_str(), what.contenders[i].name.c_str(), speed.median, client.median,
                         server.median, of_limit, cpu_of_limit);
    }
    std::fflush(stdout);
}

} // namespace bench
