// measure COMMAND [ARGUMENT...]: runs the command; prints its seconds of CPU time and the megabytes it had at its peak.

#include <cstdio>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int, char** arguments) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::execvp(arguments[1], arguments + 1);
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    rusage usage{};
    ::getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& span) {
        return static_cast<double>(span.tv_sec) + static_cast<double>(span.tv_usec) * 1e-6;
    };
    std::printf("%.2f %.0f\n", seconds(usage.ru_utime) + seconds(usage.ru_stime),
                static_cast<double>(usage.ru_maxrss) / 1024);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
