/* Preloaded into a program (LD_PRELOAD), makes the n-th file operation below one folder the last, or fail, or raise a signal.

Counted are the operations that change something: opening for writing, write, close and flush of what was written, rename,
unlink, mkdir, rmdir, fsync, truncate, link, symlink; those of TensorFlow too, which writes by stdio. Only for tests.

    faults_arm(folder, at, how, number)   from now on, operations below `folder` are counted from 1; at 0 none is hit
        how 0: kill the process before the operation             3: it and all later writes fail with errno `number`
            1: kill the process after it                         4: raise the signal `number` before it
            2: half of what should be written, then kill         5: the same twice
    faults_count()                        operations so far

or, for a process that is started anew, FAULTS="at how number folder" in the environment. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#undef fwrite_unlocked
#undef fflush

static char under[PATH_MAX];
static atomic_long count;
static long hit_at;
static int how, number;
static _Thread_local int inside;

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

void faults_arm(const char *folder, long at, int what, int which) {
  under[0] = 0;
  if (folder && !realpath(folder, under)) { strncpy(under, folder, PATH_MAX - 1); }
  atomic_store(&count, 0);
  hit_at = at, how = what, number = which;
}

long faults_count(void) { return atomic_load(&count); }

__attribute__((constructor)) static void from_environment(void) {
  const char *text = getenv("FAULTS");
  int read = 0;
  long at;
  int what, which;
  if (text && sscanf(text, "%ld %d %d %n", &at, &what, &which, &read) == 3) faults_arm(text + read, at, what, which);
}

static int below(const char *path) {
  size_t length = strlen(under);
  return length && !strncmp(path, under, length) && (path[length] == '/' || !path[length]);
}

/* The path with the links of its folder followed, also those of /proc/self/fd; the last name is the operation's own. */
static int concerns(int folder, const char *path) {
  char whole[PATH_MAX], parent[PATH_MAX], joined[2 * PATH_MAX];
  if (!under[0] || inside || !path) return 0;
  inside = 1;
  if (path[0] == '/') snprintf(whole, sizeof whole, "%s", path);
  else if (folder == AT_FDCWD) snprintf(whole, sizeof whole, "./%s", path);
  else snprintf(whole, sizeof whole, "/proc/self/fd/%d/%s", folder, path);
  char *slash = strrchr(whole, '/');
  int found = 0;
  if (slash == whole) found = below(whole);
  else {
    *slash = 0;
    if (realpath(whole, parent)) {
      snprintf(joined, sizeof joined, "%s/%s", parent, slash + 1);
      found = below(joined);
    }
  }
  inside = 0;
  return found;
}

static int concerns_fd(int fd) {
  char name[64], path[PATH_MAX];
  if (!under[0] || inside || fd < 0) return 0;
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(name, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return below(path);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* What happens to this operation: 0 nothing, 1 die after it, 2 half of it, 3 fail. */
static int next(int is_write) {
  long mine = atomic_fetch_add(&count, 1) + 1;
  if (!hit_at) return 0;
  if (how == 3) return is_write && mine >= hit_at ? 3 : 0;
  if (mine != hit_at) return 0;
  if (how >= 4) {
    kill(getpid(), number);
    if (how == 5) kill(getpid(), number);
    return 0;
  }
  if (how == 0) die();
  return how == 2 && !is_write ? 1 : how;
}

#define AROUND(test, is_write, type, failed, call) \
  if (!(test)) return call; \
  int fate = next(is_write); \
  if (fate == 3) { errno = number; return failed; } \
  type result = call; \
  if (fate) { int saved = errno; die(); errno = saved; } \
  return result

static int writes(int flags) { return flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC); }
#define MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) {
  REAL(open);
  MODE(flags)
  AROUND(writes(flags) && concerns(AT_FDCWD, path), 1, int, -1, real(path, flags, mode));
}
int open64(const char *path, int flags, ...) {
  REAL(open64);
  MODE(flags)
  AROUND(writes(flags) && concerns(AT_FDCWD, path), 1, int, -1, real(path, flags, mode));
}
int openat(int folder, const char *path, int flags, ...) {
  REAL(openat);
  MODE(flags)
  AROUND(writes(flags) && concerns(folder, path), 1, int, -1, real(folder, path, flags, mode));
}
int openat64(int folder, const char *path, int flags, ...) {
  REAL(openat64);
  MODE(flags)
  AROUND(writes(flags) && concerns(folder, path), 1, int, -1, real(folder, path, flags, mode));
}
FILE *fopen(const char *path, const char *mode) {
  REAL(fopen);
  AROUND(strpbrk(mode, "wa+") && concerns(AT_FDCWD, path), 1, FILE *, NULL, real(path, mode));
}
FILE *fopen64(const char *path, const char *mode) {
  REAL(fopen64);
  AROUND(strpbrk(mode, "wa+") && concerns(AT_FDCWD, path), 1, FILE *, NULL, real(path, mode));
}

#define HALVED(test, type, failed, whole, half) \
  if (!(test)) return whole; \
  int fate = next(1); \
  if (fate == 3) { errno = number; return failed; } \
  if (fate == 2) { half; die(); } \
  type result = whole; \
  if (fate) die(); \
  return result

ssize_t write(int fd, const void *data, size_t size) {
  REAL(write);
  HALVED(concerns_fd(fd), ssize_t, -1, real(fd, data, size), (void)!real(fd, data, size / 2));
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  REAL(pwrite);
  HALVED(concerns_fd(fd), ssize_t, -1, real(fd, data, size, at), (void)!real(fd, data, size / 2, at));
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  REAL(pwrite64);
  HALVED(concerns_fd(fd), ssize_t, -1, real(fd, data, size, at), (void)!real(fd, data, size / 2, at));
}
ssize_t writev(int fd, const struct iovec *parts, int many) {
  REAL(writev);
  HALVED(concerns_fd(fd), ssize_t, -1, real(fd, parts, many), (void)!real(fd, parts, many / 2));
}
static int concerns_file(FILE *file) { return under[0] && !inside && file && concerns_fd(fileno(file)); }
size_t fwrite(const void *data, size_t size, size_t many, FILE *file) {
  REAL(fwrite);
  HALVED(concerns_file(file), size_t, 0, real(data, size, many, file), (real(data, size, many / 2, file), fflush(file)));
}
size_t fwrite_unlocked(const void *data, size_t size, size_t many, FILE *file) {
  REAL(fwrite_unlocked);
  HALVED(concerns_file(file), size_t, 0, real(data, size, many, file), (real(data, size, many / 2, file), fflush(file)));
}
int fflush(FILE *file) {
  REAL(fflush);
  AROUND(concerns_file(file), 1, int, EOF, real(file));
}
static int written(int fd) {
  int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}
int fclose(FILE *file) {
  REAL(fclose);
  if (!concerns_file(file) || !written(fileno(file))) return real(file);
  int fate = next(1);
  if (fate == 3) { real(file); errno = number; return EOF; }
  int result = real(file);
  if (fate) die();
  return result;
}
int fsync(int fd) {
  REAL(fsync);
  AROUND(concerns_fd(fd), 1, int, -1, real(fd));
}
int fdatasync(int fd) {
  REAL(fdatasync);
  AROUND(concerns_fd(fd), 1, int, -1, real(fd));
}
int ftruncate(int fd, off_t size) {
  REAL(ftruncate);
  AROUND(concerns_fd(fd), 1, int, -1, real(fd, size));
}
int ftruncate64(int fd, off64_t size) {
  REAL(ftruncate64);
  AROUND(concerns_fd(fd), 1, int, -1, real(fd, size));
}
int truncate(const char *path, off_t size) {
  REAL(truncate);
  AROUND(concerns(AT_FDCWD, path), 1, int, -1, real(path, size));
}
int rename(const char *from, const char *to) {
  REAL(rename);
  AROUND(concerns(AT_FDCWD, from) || concerns(AT_FDCWD, to), 0, int, -1, real(from, to));
}
int renameat(int a, const char *from, int b, const char *to) {
  REAL(renameat);
  AROUND(concerns(a, from) || concerns(b, to), 0, int, -1, real(a, from, b, to));
}
int unlink(const char *path) {
  REAL(unlink);
  AROUND(concerns(AT_FDCWD, path), 0, int, -1, real(path));
}
int unlinkat(int folder, const char *path, int flags) {
  REAL(unlinkat);
  AROUND(concerns(folder, path), 0, int, -1, real(folder, path, flags));
}
int remove(const char *path) {
  REAL(remove);
  AROUND(concerns(AT_FDCWD, path), 0, int, -1, real(path));
}
int rmdir(const char *path) {
  REAL(rmdir);
  AROUND(concerns(AT_FDCWD, path), 0, int, -1, real(path));
}
int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  AROUND(concerns(AT_FDCWD, path), 1, int, -1, real(path, mode));
}
int mkdirat(int folder, const char *path, mode_t mode) {
  REAL(mkdirat);
  AROUND(concerns(folder, path), 1, int, -1, real(folder, path, mode));
}
int link(const char *from, const char *to) {
  REAL(link);
  AROUND(concerns(AT_FDCWD, to), 1, int, -1, real(from, to));
}
int symlink(const char *to, const char *path) {
  REAL(symlink);
  AROUND(concerns(AT_FDCWD, path), 1, int, -1, real(to, path));
}
