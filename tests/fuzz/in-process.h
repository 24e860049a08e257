/* Included before everything where programs are called and not run (process.c): the calls whose traces must be taken back. */
#ifndef PID_TESTS_FUZZ_IN_PROCESS_H
#define PID_TESTS_FUZZ_IN_PROCESS_H

#undef exit
#undef fopen
#undef fdopen
#undef fclose
#undef pthread_create
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
_Noreturn void fuzz_exit(int status);
FILE *fuzz_fopen(const char *path, const char *mode);
FILE *fuzz_fdopen(int fd, const char *mode);
int fuzz_fclose(FILE *file);
int fuzz_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);
#define exit fuzz_exit
#define fopen fuzz_fopen
#define fdopen fuzz_fdopen
#define fclose fuzz_fclose
#define pthread_create fuzz_pthread_create

#endif
