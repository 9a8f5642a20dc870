#define _GNU_SOURCE
#include "cposix.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

int cposix_spawn_close_from(void *file_actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(file_actions, first);
}

int cposix_spawn_change_directory(void *file_actions, const char *path) {
  return posix_spawn_file_actions_addchdir_np(file_actions, path);
}

int cposix_pipe(int fds[2]) { return pipe2(fds, O_CLOEXEC); }
