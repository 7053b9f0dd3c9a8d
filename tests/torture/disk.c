/* A disk that fails on demand, put between a program and the C library (LD_PRELOAD).

   `torture_arm` tells which changes to files of one folder are counted, and what happens at one of them: the process
   is killed before it or half-way through, or the disk is full or broken. It can also note every change in a log,
   from which Python makes the states that a loss of power may leave.

   A record of the log: kind (1 byte), lengths of path and data (4 bytes each), offset (8 bytes), path, data. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, TEAR, FULL, BROKEN };

static char place[4096];
static size_t place_length;
static long seen, at;
static int mode, log_file = -1;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

long torture_count(void) { return seen; }

void torture_arm(const char *folder, long when, int what, const char *log) {
    snprintf(place, sizeof place, "%s", folder);
    place_length = strlen(place);
    seen = 0, at = when, mode = what;
    if (log_file >= 0) close(log_file);
    log_file = *log ? (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
}

static int is_ours(const char *path) {
    size_t length = strlen(path);
    /* Lock files are not data. */
    if (!place_length || strncmp(path, place, place_length)) return 0;
    if (length > 5 && !strcmp(path + length - 5, ".lock")) return 0;
    return !(length > 6 && !strcmp(path + length - 6, ".queue"));
}

static int path_of(int file, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, 4095);
    if (!place_length || length < 0) return 0;
    path[length] = 0;
    return is_ours(path);
}

static void note(char kind, const char *path, uint64_t offset, const void *data, uint32_t size) {
    if (log_file < 0) return;
    char head[17];
    uint32_t length = strlen(path);
    head[0] = kind;
    memcpy(head + 1, &length, 4), memcpy(head + 5, &size, 4), memcpy(head + 9, &offset, 8);
    struct iovec parts[] = {{head, 17}, {(void *)path, length}, {(void *)data, size}};
    syscall(SYS_writev, log_file, parts, 3);
}

/* Counts a change, with the lock held; returns an error number, 0 for none, -1 for half of it and then the end. */
static int strike(void) {
    long number = ++seen;
    if (mode == FULL && at && number >= at) return ENOSPC;
    if (number != at) return 0;
    if (mode == KILL) kill(getpid(), SIGKILL);
    if (mode == BROKEN) return EIO;
    return mode == TEAR ? -1 : 0;
}

static ssize_t written(int file, const void *data, size_t size, off_t offset, int is_placed) {
    char path[4096];
    if (!path_of(file, path))
        return is_placed ? syscall(SYS_pwrite64, file, data, size, offset) : syscall(SYS_write, file, data, size);
    pthread_mutex_lock(&turn);
    int error = strike();
    if (error < 0) size /= 2;
    ssize_t done = -1;
    if (error <= 0) {
        if (!is_placed) offset = syscall(SYS_lseek, file, 0, SEEK_CUR);
        done = is_placed ? syscall(SYS_pwrite64, file, data, size, offset) : syscall(SYS_write, file, data, size);
        if (done > 0) note('w', path, offset, data, done);
        if (error < 0) kill(getpid(), SIGKILL);
    }
    pthread_mutex_unlock(&turn);
    if (error > 0) errno = error;
    return done;
}

ssize_t write(int file, const void *data, size_t size) { return written(file, data, size, 0, 0); }
ssize_t pwrite(int file, const void *data, size_t size, off_t offset) { return written(file, data, size, offset, 1); }
ssize_t pwrite64(int file, const void *data, size_t size, off_t offset) { return written(file, data, size, offset, 1); }

/* Another change to a file that is open. */
static int changed(int file, char kind, long call, off_t length) {
    char path[4096];
    if (!path_of(file, path)) return syscall(call, file, length);
    pthread_mutex_lock(&turn);
    int error = strike(), done = -1;
    if (error < 0) kill(getpid(), SIGKILL);
    if (!error) {
        done = syscall(call, file, length);
        if (!done) note(kind, path, length, "", 0);
    }
    pthread_mutex_unlock(&turn);
    if (error > 0) errno = error;
    return done;
}

int fsync(int file) { return changed(file, 's', SYS_fsync, 0); }
int fdatasync(int file) { return changed(file, 's', SYS_fdatasync, 0); }
int ftruncate(int file, off_t length) { return changed(file, 't', SYS_ftruncate, length); }
int ftruncate64(int file, off_t length) { return changed(file, 't', SYS_ftruncate, length); }

/* A change of names. */
static int named(char kind, const char *path, const char *other) {
    int ours = is_ours(path), error = 0;
    if (ours) {
        pthread_mutex_lock(&turn);
        error = strike();
        if (error < 0) kill(getpid(), SIGKILL);
    }
    int done = -1;
    if (!error)
        done = kind == 'r' ? syscall(SYS_renameat, AT_FDCWD, path, AT_FDCWD, other)
                           : syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (ours) {
        if (!done) note(kind, path, 0, other, strlen(other));
        pthread_mutex_unlock(&turn);
    }
    if (error > 0) errno = error;
    return done;
}

int rename(const char *path, const char *other) { return named('r', path, other); }
int unlink(const char *path) { return named('u', path, ""); }
int remove(const char *path) { return named('u', path, ""); }

static int opened(const char *path, int flags, mode_t rights) {
    if (!is_ours(path) || !(flags & (O_CREAT | O_TRUNC)) || (flags & O_DIRECTORY))
        return syscall(SYS_openat, AT_FDCWD, path, flags, rights);
    pthread_mutex_lock(&turn);
    int is_new = syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
    int file = syscall(SYS_openat, AT_FDCWD, path, flags, rights);
    if (file >= 0 && (is_new || (flags & O_TRUNC))) note('c', path, 0, "", 0);
    pthread_mutex_unlock(&turn);
    return file;
}

#define RIGHTS(flags) \
    mode_t rights = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); rights = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { RIGHTS(flags) return opened(path, flags, rights); }
int open64(const char *path, int flags, ...) { RIGHTS(flags) return opened(path, flags, rights); }
