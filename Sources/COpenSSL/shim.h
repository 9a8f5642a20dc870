#pragma once
// Names for the OpenSSL macros that Swift cannot import.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline long natsight_SSL_set_mode(SSL *ssl, long mode) { return SSL_set_mode(ssl, mode); }
static inline long natsight_SSL_CTX_set_mode(SSL_CTX *ctx, long mode) { return SSL_CTX_set_mode(ctx, mode); }
static inline int natsight_SSL_CTX_set_min_proto_version(SSL_CTX *ctx, int version) {
  return SSL_CTX_set_min_proto_version(ctx, version);
}
static inline int natsight_SSL_CTX_set1_groups_list(SSL_CTX *ctx, const char *names) {
  return (int)SSL_CTX_set1_groups_list(ctx, names);
}
static inline int natsight_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
  return (int)SSL_set_tlsext_host_name(ssl, name);
}
static inline long natsight_BIO_get_mem_data(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }
static inline size_t natsight_BIO_pending(BIO *bio) { return BIO_ctrl_pending(bio); }
static inline STACK_OF(X509) *natsight_SSL_get_peer_cert_chain(SSL *ssl) { return SSL_get_peer_cert_chain(ssl); }
static inline int natsight_sk_X509_num(STACK_OF(X509) *chain) { return chain ? sk_X509_num(chain) : 0; }
static inline X509 *natsight_sk_X509_value(STACK_OF(X509) *chain, int index) { return sk_X509_value(chain, index); }
static inline STACK_OF(X509) *natsight_chain_up_ref(STACK_OF(X509) *chain) { return chain ? X509_chain_up_ref(chain) : NULL; }
static inline void natsight_chain_free(STACK_OF(X509) *chain) { sk_X509_pop_free(chain, X509_free); }
static inline EVP_PKEY *natsight_EVP_EC_gen(const char *curve) { return EVP_EC_gen(curve); }

static inline int natsight_GENERAL_NAMES_num(GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline void natsight_GENERAL_NAMES_free(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }
/// The text of a mail, DNS or URI name, and its kind (GEN_…); NULL for other kinds.
static inline const ASN1_STRING *natsight_GENERAL_NAMES_text(GENERAL_NAMES *names, int index, int *kind) {
  GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
  *kind = name->type;
  if (name->type != GEN_EMAIL && name->type != GEN_DNS && name->type != GEN_URI) return NULL;
  return name->d.ia5;
}

/// Prints a name as RFC 2253 writes it, UTF-8 left as it is.
static inline int natsight_X509_NAME_print_rfc2253(BIO *out, X509_NAME *name) {
  return X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}
