#pragma once
// libcurl, loaded on first use: linking it would bring some thirty shared objects into every start.
#include <stddef.h>
#include <stdint.h>

typedef struct ccurl_transfer ccurl_transfer;

/// Options by libcurl's own numbers, which are part of its stable interface.
enum {
  ccurl_url = 10002,
  ccurl_user_agent = 10018,
  ccurl_certificate = 10025,
  ccurl_method = 10036,
  ccurl_ca_file = 10065,
  ccurl_key = 10087,
  ccurl_accept_encoding = 10102,
  ccurl_no_proxy = 10177,
  ccurl_no_body = 44,
  ccurl_follow = 52,
  ccurl_verify_peer = 64,
  ccurl_max_redirects = 68,
  ccurl_verify_host = 81,
  ccurl_timeout_ms = 155,
  ccurl_connect_timeout_ms = 156,
};

/// A new transfer, or NULL when libcurl cannot be loaded.
ccurl_transfer *ccurl_open(void);
int ccurl_set_text(ccurl_transfer *transfer, int option, const char *value);
int ccurl_set_number(ccurl_transfer *transfer, int option, long value);
int ccurl_set_body(ccurl_transfer *transfer, const uint8_t *bytes, size_t count);
int ccurl_add_header(ccurl_transfer *transfer, const char *line);
/// Runs the transfer, blocking; 0 or libcurl's error number. Answers with more than `limit` bytes are cut off with an error.
int ccurl_perform(ccurl_transfer *transfer, size_t limit);
/// What went wrong, in libcurl's words.
const char *ccurl_error(ccurl_transfer *transfer);
int ccurl_too_large(ccurl_transfer *transfer);
long ccurl_status(ccurl_transfer *transfer);
const uint8_t *ccurl_answer(ccurl_transfer *transfer, size_t *count);
/// The header lines of the last answer, each with its line end.
const uint8_t *ccurl_headers(ccurl_transfer *transfer, size_t *count);
void ccurl_close(ccurl_transfer *transfer);
