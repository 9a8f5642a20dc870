#include "ccurl.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  void *(*init)(void);
  int (*setopt)(void *, int, ...);
  int (*perform)(void *);
  int (*getinfo)(void *, int, ...);
  void (*cleanup)(void *);
  const char *(*strerror)(int);
  void *(*append)(void *, const char *);
  void (*free_list)(void *);
} library;

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
} buffer;

struct ccurl_transfer {
  void *handle, *headers_to_send;
  buffer answer, headers;
  size_t limit;
  int too_large, result;
  char error[256];
};

enum {
  option_write_data = 10001, option_error_buffer = 10010, option_http_header = 10023, option_header_data = 10029,
  option_copy_post_fields = 10165, option_no_signal = 99, option_post_size = 30120, option_protocols = 181,
  option_redirect_protocols = 182, option_write_function = 20011, option_header_function = 20079,
  info_response_code = 0x200002,
};

static library curl;
static int loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  static const char *names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so"};
  void *object = NULL;
  for (size_t i = 0; i < 3 && !object; i++) object = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!object) return;
  int (*global_init)(long) = (int (*)(long))dlsym(object, "curl_global_init");
  curl.init = (void *(*)(void))dlsym(object, "curl_easy_init");
  curl.setopt = (int (*)(void *, int, ...))dlsym(object, "curl_easy_setopt");
  curl.perform = (int (*)(void *))dlsym(object, "curl_easy_perform");
  curl.getinfo = (int (*)(void *, int, ...))dlsym(object, "curl_easy_getinfo");
  curl.cleanup = (void (*)(void *))dlsym(object, "curl_easy_cleanup");
  curl.strerror = (const char *(*)(int))dlsym(object, "curl_easy_strerror");
  curl.append = (void *(*)(void *, const char *))dlsym(object, "curl_slist_append");
  curl.free_list = (void (*)(void *))dlsym(object, "curl_slist_free_all");
  loaded = global_init && curl.init && curl.setopt && curl.perform && curl.getinfo && curl.cleanup && curl.strerror
           && curl.append && curl.free_list && global_init(3) == 0;
}

static int keep(buffer *into, const void *bytes, size_t count) {
  if (into->count + count > into->capacity) {
    size_t capacity = (into->count + count) * 2;
    uint8_t *grown = realloc(into->bytes, capacity);
    if (!grown) return 0;
    into->bytes = grown;
    into->capacity = capacity;
  }
  memcpy(into->bytes + into->count, bytes, count);
  into->count += count;
  return 1;
}

static size_t received(char *bytes, size_t size, size_t count, void *context) {
  ccurl_transfer *transfer = context;
  if (transfer->answer.count + size * count > transfer->limit) {
    transfer->too_large = 1;
    return 0;
  }
  return keep(&transfer->answer, bytes, size * count) ? size * count : 0;
}

static size_t received_header(char *bytes, size_t size, size_t count, void *context) {
  ccurl_transfer *transfer = context;
  size_t length = size * count;
  // A status line begins an answer: what a redirect or a "100 Continue" said before does not count.
  if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0) transfer->headers.count = 0;
  if (transfer->headers.count + length > 262144) return 0;
  return keep(&transfer->headers, bytes, length) ? length : 0;
}

ccurl_transfer *ccurl_open(void) {
  pthread_once(&once, load);
  if (!loaded) return NULL;
  ccurl_transfer *transfer = calloc(1, sizeof *transfer);
  if (!transfer) return NULL;
  transfer->handle = curl.init();
  if (!transfer->handle) {
    free(transfer);
    return NULL;
  }
  curl.setopt(transfer->handle, option_no_signal, 1L);
  curl.setopt(transfer->handle, option_protocols, 3L);
  curl.setopt(transfer->handle, option_redirect_protocols, 3L);
  curl.setopt(transfer->handle, option_error_buffer, transfer->error);
  curl.setopt(transfer->handle, option_write_function, received);
  curl.setopt(transfer->handle, option_write_data, transfer);
  curl.setopt(transfer->handle, option_header_function, received_header);
  curl.setopt(transfer->handle, option_header_data, transfer);
  return transfer;
}

int ccurl_set_text(ccurl_transfer *transfer, int option, const char *value) {
  return curl.setopt(transfer->handle, option, value);
}
int ccurl_set_number(ccurl_transfer *transfer, int option, long value) {
  return curl.setopt(transfer->handle, option, value);
}
int ccurl_set_body(ccurl_transfer *transfer, const uint8_t *bytes, size_t count) {
  int result = curl.setopt(transfer->handle, option_post_size, (int64_t)count);
  return result ? result : curl.setopt(transfer->handle, option_copy_post_fields, count ? (const char *)bytes : "");
}
int ccurl_add_header(ccurl_transfer *transfer, const char *line) {
  void *list = curl.append(transfer->headers_to_send, line);
  if (!list) return 27;
  transfer->headers_to_send = list;
  return 0;
}
int ccurl_perform(ccurl_transfer *transfer, size_t limit) {
  transfer->limit = limit;
  if (transfer->headers_to_send) curl.setopt(transfer->handle, option_http_header, transfer->headers_to_send);
  transfer->result = curl.perform(transfer->handle);
  return transfer->result;
}
const char *ccurl_error(ccurl_transfer *transfer) {
  return transfer->error[0] ? transfer->error : curl.strerror(transfer->result);
}
int ccurl_too_large(ccurl_transfer *transfer) { return transfer->too_large; }
long ccurl_status(ccurl_transfer *transfer) {
  long status = 0;
  curl.getinfo(transfer->handle, info_response_code, &status);
  return status;
}
const uint8_t *ccurl_answer(ccurl_transfer *transfer, size_t *count) {
  *count = transfer->answer.count;
  return transfer->answer.bytes;
}
const uint8_t *ccurl_headers(ccurl_transfer *transfer, size_t *count) {
  *count = transfer->headers.count;
  return transfer->headers.bytes;
}
void ccurl_close(ccurl_transfer *transfer) {
  curl.cleanup(transfer->handle);
  curl.free_list(transfer->headers_to_send);
  free(transfer->answer.bytes);
  free(transfer->headers.bytes);
  free(transfer);
}
