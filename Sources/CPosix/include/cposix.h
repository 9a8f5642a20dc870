#pragma once
// What `import Glibc` does not offer: epoll, accept4, and calls that need feature macros.
// No feature macro is defined here: that would make clang see two definitions of system types.
#include <stddef.h>
#include <stdint.h>

/// One readiness event. `flags` holds `cposix_readable`, `cposix_writable`, `cposix_hangup`.
typedef struct {
  uint64_t token;
  uint32_t flags;
} cposix_event;

enum { cposix_readable = 1, cposix_writable = 2, cposix_hangup = 4 };

int cposix_epoll_create(void);
int cposix_epoll_add(int epoll, int fd, uint64_t token, uint32_t flags);
int cposix_epoll_modify(int epoll, int fd, uint64_t token, uint32_t flags);
int cposix_epoll_remove(int epoll, int fd);
/// Fills at most `capacity` (64 at most) events; waits `timeout_ms` milliseconds.
int cposix_epoll_wait(int epoll, cposix_event *events, int capacity, int timeout_ms);
/// eventfd(2), non-blocking and close-on-exec; -1 on failure.
int cposix_eventfd(void);

/// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC. Writes the peer's numeric address and port.
int cposix_accept(int fd, char *host, size_t host_size, uint16_t *port);
/// The address that a socket is bound to; 0 on success.
int cposix_local_address(int fd, char *host, size_t host_size, uint16_t *port);
/// socket(2), non-blocking and close-on-exec.
int cposix_stream_socket(int family);
/// A connected pair of non-blocking stream sockets.
int cposix_socket_pair(int fds[2]);
int cposix_set_nonblocking(int fd);
int cposix_set_nodelay(int fd);
int cposix_set_dual_stack(int fd);
int cposix_set_reuse_address(int fd);
/// The pending error of a socket (SO_ERROR).
int cposix_socket_error(int fd);
/// Bytes of resident memory of this process; 0 when it cannot be read.
int64_t cposix_resident_memory(void);
/// How many arguments the kernel gave this process, its name among them; -1 where the C library does not tell.
int cposix_argument_count(void);
/// One of them; NULL beyond the last.
const char *cposix_argument(int index);
/// What this process costs: processor time in seconds since it began, bytes of memory, and when it began, in seconds since 1970;
/// 0 for what cannot be read.
struct cposix_process { double cpu; double start; uint64_t resident; uint64_t virtual_memory; };
struct cposix_process cposix_process_numbers(void);
/// The allocator's numbers, in bytes: taken from the system, in use, free within what was taken.
struct cposix_heap { uint64_t system; uint64_t used; uint64_t free; };
struct cposix_heap cposix_heap_numbers(void);
/// Closing this socket from now on resets the connection and drops what the kernel still holds of it.
int cposix_set_reset_on_close(int fd);
/// Bytes that the kernel holds of this socket that the peer has not acknowledged; -1 where it cannot tell.
int cposix_unsent_bytes(int fd);
/// The most descriptors that this process may have open now; 0 when it cannot be read.
uint64_t cposix_open_file_limit(void);
/// Descriptors that this process has open; 0 when they cannot be counted.
uint64_t cposix_open_files(void);
/// Raises the soft limit of open files to the hard one; returns the limit in force.
uint64_t cposix_raise_open_file_limit(void);
/// The system's text for an error number; a constant string.
const char *cposix_error_text(int error);
/// Writes a whole line to standard error in one call.
void cposix_write_stderr(const char *bytes, size_t count);

/// Adds to a posix_spawn_file_actions_t: close every descriptor from `first` on in the child.
int cposix_spawn_close_from(void *file_actions, int first);
/// Adds to a posix_spawn_file_actions_t: start the child in this folder.
int cposix_spawn_change_directory(void *file_actions, const char *path);
/// A pipe whose ends are close-on-exec.
int cposix_pipe(int fds[2]);
