#define _GNU_SOURCE
#include "cposix.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static uint32_t to_epoll(uint32_t flags) {
  uint32_t events = 0;
  // A peer's half-close is level-triggered: watched while nobody reads, it would fire for ever.
  if (flags & cposix_readable) events |= EPOLLIN | EPOLLRDHUP;
  if (flags & cposix_writable) events |= EPOLLOUT;
  return events;
}

int cposix_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int control(int epoll, int operation, int fd, uint64_t token, uint32_t flags) {
  struct epoll_event event = {.events = to_epoll(flags), .data.u64 = token};
  return epoll_ctl(epoll, operation, fd, &event);
}

int cposix_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int cposix_epoll_add(int epoll, int fd, uint64_t token, uint32_t flags) {
  return control(epoll, EPOLL_CTL_ADD, fd, token, flags);
}

int cposix_epoll_modify(int epoll, int fd, uint64_t token, uint32_t flags) {
  return control(epoll, EPOLL_CTL_MOD, fd, token, flags);
}

int cposix_epoll_remove(int epoll, int fd) { return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL); }

int cposix_epoll_wait(int epoll, cposix_event *events, int capacity, int timeout_ms) {
  struct epoll_event ready[64];
  int count = epoll_wait(epoll, ready, capacity > 64 ? 64 : capacity, timeout_ms);
  for (int i = 0; i < count; i++) {
    uint32_t flags = 0;
    if (ready[i].events & EPOLLIN) flags |= cposix_readable;
    if (ready[i].events & EPOLLOUT) flags |= cposix_writable;
    if (ready[i].events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) flags |= cposix_hangup;
    events[i] = (cposix_event){.token = ready[i].data.u64, .flags = flags};
  }
  return count;
}

static void describe(const struct sockaddr_storage *address, char *host, size_t host_size, uint16_t *port) {
  host[0] = 0;
  *port = 0;
  if (address->ss_family == AF_INET) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
    inet_ntop(AF_INET, &v4->sin_addr, host, host_size);
    *port = ntohs(v4->sin_port);
  } else if (address->ss_family == AF_INET6) {
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
      inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], host, host_size);
    } else {
      inet_ntop(AF_INET6, &v6->sin6_addr, host, host_size);
    }
    *port = ntohs(v6->sin6_port);
  }
}

int cposix_accept(int fd, char *host, size_t host_size, uint16_t *port) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  int accepted = accept4(fd, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted >= 0) describe(&address, host, host_size, port);
  return accepted;
}

int cposix_local_address(int fd, char *host, size_t host_size, uint16_t *port) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) return -1;
  describe(&address, host, host_size, port);
  return 0;
}

int cposix_stream_socket(int family) { return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

int cposix_socket_pair(int fds[2]) {
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
}

int cposix_set_nonblocking(int fd) { return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) | O_NONBLOCK); }

int cposix_set_nodelay(int fd) {
  int on = 1;
  return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int cposix_set_dual_stack(int fd) {
  int off = 0;
  return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
}

int cposix_set_reuse_address(int fd) {
  int on = 1;
  return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

int cposix_socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return errno;
  return error;
}

int64_t cposix_resident_memory(void) {
  FILE *file = fopen("/proc/self/statm", "re");
  if (!file) return 0;
  long long total = 0, resident = 0;
  int read = fscanf(file, "%lld %lld", &total, &resident);
  fclose(file);
  return read == 2 ? (int64_t)resident * sysconf(_SC_PAGESIZE) : 0;
}

static int argument_count = -1;
static char **arguments;

#ifdef __GLIBC__
// glibc hands the arguments of `main` to constructors: from the stack, where the kernel put them.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
  argument_count = count;
  arguments = values;
}
#endif

int cposix_argument_count(void) { return argument_count; }

const char *cposix_argument(int index) { return index >= 0 && index < argument_count ? arguments[index] : NULL; }

// When the process began, in clock ticks since the machine did: field 22 of /proc/self/stat, behind a name that may hold anything.
static double ticks_at_start(void) {
  FILE *file = fopen("/proc/self/stat", "re");
  if (!file) return 0;
  char text[1024];
  size_t count = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[count] = 0;
  char *rest = strrchr(text, ')');
  unsigned long long ticks = 0;
  if (!rest || sscanf(rest + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &ticks) != 1) return 0;
  return (double)ticks;
}

static double boot_time(void) {
  FILE *file = fopen("/proc/stat", "re");
  if (!file) return 0;
  char line[512];
  unsigned long long seconds = 0;
  while (fgets(line, sizeof line, file))
    if (sscanf(line, "btime %llu", &seconds) == 1) break;
  fclose(file);
  return (double)seconds;
}

struct cposix_process cposix_process_numbers(void) {
  struct cposix_process process = {0, 0, 0, 0};
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) == 0)
    process.cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  double ticks = ticks_at_start(), boot = boot_time();
  if (ticks > 0 && boot > 0) process.start = boot + ticks / (double)sysconf(_SC_CLK_TCK);
  FILE *file = fopen("/proc/self/statm", "re");
  if (!file) return process;
  unsigned long long pages = 0, resident = 0;
  if (fscanf(file, "%llu %llu", &pages, &resident) == 2) {
    process.virtual_memory = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    process.resident = resident * (uint64_t)sysconf(_SC_PAGESIZE);
  }
  fclose(file);
  return process;
}

struct cposix_heap cposix_heap_numbers(void) {
  struct cposix_heap heap = {0, 0, 0};
#if defined(__GLIBC__) && (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 33))
  struct mallinfo2 info = mallinfo2();
  heap.system = info.arena + info.hblkhd;
  heap.used = info.uordblks + info.hblkhd;
  heap.free = info.fordblks;
#endif
  return heap;
}

int cposix_set_reset_on_close(int fd) {
  struct linger reset = {.l_onoff = 1, .l_linger = 0};
  return setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

int cposix_unsent_bytes(int fd) {
  int count = 0;
  return ioctl(fd, TIOCOUTQ, &count) < 0 ? -1 : count;
}

uint64_t cposix_open_file_limit(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_NOFILE, &limit) < 0 ? 0 : limit.rlim_cur;
}

uint64_t cposix_open_files(void) {
  DIR *folder = opendir("/proc/self/fd");
  if (!folder) return 0;
  uint64_t count = 0;
  while (readdir(folder)) count++;
  closedir(folder);
  // Without the two entries that every folder has, and the one that counting opened.
  return count > 3 ? count - 3 : 0;
}

uint64_t cposix_raise_open_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

void cposix_write_stderr(const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t written = write(STDERR_FILENO, bytes, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (size_t)written;
  }
}

const char *cposix_error_text(int error) {
  const char *text = strerrordesc_np(error);
  return text ? text : "unknown error";
}
