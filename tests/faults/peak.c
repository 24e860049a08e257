/* peak KIBIBYTES COMMAND...: runs it and ends as it does; or with 99 and a line where it, or a process that it waited for, held
 * more memory than that at some moment (resident, as wait4 tells: what a limit of the address space would count besides is not
 * used, such as the stacks of threads). */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    if (argc < 3) return 98;
    pid_t child = fork();
    if (child < 0) return 98;
    if (!child) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (wait4(child, &status, 0, &usage) != child) return 98;
    if (getenv("PEAK_TELL")) fprintf(stderr, "peak: %ld\n", usage.ru_maxrss);
    if (usage.ru_maxrss > atol(argv[1])) {
        fprintf(stderr, "peak: %ld KiB\n", usage.ru_maxrss);
        return 99;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
