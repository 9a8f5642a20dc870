#pragma once
// deflateInit2 and inflateInit2 are macros, which Swift cannot import.
#include <zlib.h>

static inline int natsight_deflateInit2(z_stream *stream, int level, int windowBits, int memoryLevel) {
  return deflateInit2(stream, level, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY);
}
static inline int natsight_inflateInit2(z_stream *stream, int windowBits) { return inflateInit2(stream, windowBits); }
