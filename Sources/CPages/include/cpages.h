#pragma once
// The files of the pages for browsers, carried in the command.
#include <stddef.h>

typedef struct {
  /// Such as `/index.html`.
  const char *path;
  const unsigned char *bytes;
  size_t count;
} cpages_file;

size_t cpages_count(void);
/// The file at an index below the count.
cpages_file cpages_at(size_t index);
