#include "cpages.h"

#pragma clang diagnostic ignored "-Wc23-extensions"
// What of `Public` is embedded, and in which order: made by scripts/pages.
#include "files.inc"

size_t cpages_count(void) { return sizeof files / sizeof files[0]; }
cpages_file cpages_at(size_t index) { return files[index]; }
