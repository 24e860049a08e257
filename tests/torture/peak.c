/* peak FILE COMMAND...: runs the command and writes to FILE the most memory that was resident in it, in KiB. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: peak FILE COMMAND...\n", stderr);
        return 2;
    }
    pid_t child = fork();
    if (!child) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status;
    struct rusage usage;
    FILE *file = fopen(argv[1], "w");
    if (child < 0 || wait4(child, &status, 0, &usage) != child || !file || fprintf(file, "%ld\n", usage.ru_maxrss) < 0 || fclose(file)) {
        perror("peak");
        return 1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
