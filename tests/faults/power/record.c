/*
 * Preloaded into a process: records, in order, what it does to the files below POWER_ROOT, into the file POWER_LOG.
 * What has not been synced is in the page cache, and gone when the power is. `platter.py` rebuilds from the record what
 * a disk would hold.
 *
 * A record: op, offset, length of the path, length of the data (each 8 bytes), the path, the data.
 * An operation and its record are one step for all threads: a record of a sync says that all writes before it in the
 * file are on the disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { CREATE = 'C', WRITE = 'W', TRUNCATE = 'T', SYNC = 'S', UNLINK = 'U', RENAME = 'R' };
enum { MOST = 4096 };

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static char *paths[MOST];
static int record_fd = -1;

#define REAL(type, name, ...)                                  \
    static type (*real)(__VA_ARGS__);                          \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int below_root(const char *path) {
    const char *root = getenv("POWER_ROOT");
    return root && path && strncmp(path, root, strlen(root)) == 0;
}

static void record(int op, const char *path, int64_t offset, const void *data, size_t length) {
    int64_t head[4] = {op, offset, (int64_t)strlen(path), (int64_t)length};
    size_t size = sizeof head + strlen(path) + length, done = 0;
    char *whole = malloc(size);
    memcpy(whole, head, sizeof head);
    memcpy(whole + sizeof head, path, strlen(path));
    if (length) memcpy(whole + sizeof head + strlen(path), data, length);
    REAL(ssize_t, "write", int, const void *, size_t);
    if (record_fd < 0) {
        REAL(int, "open", const char *, int, ...);
        record_fd = real(getenv("POWER_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    while (done < size) {
        ssize_t some = real(record_fd, whole + done, size - done);
        if (some <= 0) abort(); /* a record with a hole would prove nothing */
        done += (size_t)some;
    }
    free(whole);
}

static const char *tracked(int fd) { return fd >= 0 && fd < MOST ? paths[fd] : NULL; }

static int opened(int fd, const char *path, int flags, int was_there) {
    if (fd < 0 || !below_root(path)) return fd;
    if (fd >= MOST) abort();
    pthread_mutex_lock(&turn);
    free(paths[fd]);
    paths[fd] = strdup(path);
    if (!was_there) record(CREATE, path, 0, NULL, 0);
    else if (flags & O_TRUNC) record(TRUNCATE, path, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    return fd;
}

#define OPEN(name)                                                      \
    int name(const char *path, int flags, ...) {                        \
        va_list more;                                                   \
        va_start(more, flags);                                          \
        mode_t mode = va_arg(more, mode_t);                             \
        va_end(more);                                                   \
        REAL(int, #name, const char *, int, ...);                       \
        int was_there = access(path, F_OK) == 0;                        \
        return opened(real(path, flags, mode), path, flags, was_there); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                       \
    int name(int at, const char *path, int flags, ...) {                                   \
        va_list more;                                                                      \
        va_start(more, flags);                                                             \
        mode_t mode = va_arg(more, mode_t);                                                \
        va_end(more);                                                                      \
        REAL(int, #name, int, const char *, int, ...);                                     \
        int was_there = faccessat(at, path, F_OK, 0) == 0;                                 \
        return opened(real(at, path, flags, mode), path, flags, was_there);                \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
    REAL(int, "close", int);
    pthread_mutex_lock(&turn);
    if (tracked(fd)) {
        free(paths[fd]);
        paths[fd] = NULL;
    }
    pthread_mutex_unlock(&turn);
    return real(fd);
}

#define DURING(fd, call, keep)                        \
    const char *path = tracked(fd);                   \
    if (!path) return call;                           \
    pthread_mutex_lock(&turn);                        \
    __typeof__(call) result = call;                   \
    int why = errno;                                  \
    if (result >= 0) keep;                            \
    pthread_mutex_unlock(&turn);                      \
    errno = why;                                      \
    return result

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
    DURING(fd, real(fd, data, length, at), record(WRITE, path, at, data, (size_t)result));
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return pwrite64(fd, data, length, at); }

static ssize_t write_here(int fd, const void *data, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t);
    DURING(fd, real(fd, data, length),
           record(WRITE, path, lseek(fd, 0, SEEK_CUR) - result, data, (size_t)result));
}

ssize_t write(int fd, const void *data, size_t length) { return write_here(fd, data, length); }

int ftruncate64(int fd, off64_t size) {
    REAL(int, "ftruncate64", int, off64_t);
    DURING(fd, real(fd, size), record(TRUNCATE, path, size, NULL, 0));
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int fsync(int fd) {
    REAL(int, "fsync", int);
    DURING(fd, real(fd), record(SYNC, path, 0, NULL, 0));
}

int fdatasync(int fd) {
    REAL(int, "fdatasync", int);
    DURING(fd, real(fd), record(SYNC, path, 0, NULL, 0));
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    pthread_mutex_lock(&turn);
    int result = real(path), why = errno;
    if (result == 0 && below_root(path)) record(UNLINK, path, 0, NULL, 0);
    pthread_mutex_unlock(&turn);
    errno = why;
    return result;
}

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    pthread_mutex_lock(&turn);
    int result = real(from, to), why = errno;
    if (result == 0 && (below_root(from) || below_root(to))) record(RENAME, from, 0, to, strlen(to));
    pthread_mutex_unlock(&turn);
    errno = why;
    return result;
}
