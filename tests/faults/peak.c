/* peak LIMIT FILE COMMAND...: runs the command and ends as it does.  The most memory that was resident in it, or in a process that it
 * waited for, goes to FILE in KiB; above LIMIT KiB the status is 99 and a line tells.  LIMIT 0 is none, FILE - writes none.  As wait4
 * tells it: what a limit of the address space would count besides is not used, such as the stacks of threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    if (argc < 4) {
        fputs("usage: peak LIMIT FILE COMMAND...\n", stderr);
        return 98;
    }
    pid_t child = fork();
    if (!child) {
        execvp(argv[3], argv + 3);
        perror(argv[3]);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("peak");
        return 98;
    }
    if (strcmp(argv[2], "-")) {
        FILE *file = fopen(argv[2], "w");
        if (!file || fprintf(file, "%ld\n", usage.ru_maxrss) < 0 || fclose(file)) {
            perror(argv[2]);
            return 98;
        }
    }
    if (atol(argv[1]) && usage.ru_maxrss > atol(argv[1])) {
        fprintf(stderr, "peak: %ld KiB\n", usage.ru_maxrss);
        return 99;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
