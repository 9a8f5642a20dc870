import COpenSSL

/// The certificates that a peer has shown, for judging them again once other authorities count.
public final class PeerChain: @unchecked Sendable {
  // Sendable: certificates count their references atomically and are not changed.
  private let leaf: OpaquePointer
  private let others: OpaquePointer?

  init(owning leaf: OpaquePointer, _ others: OpaquePointer?) {
    self.leaf = leaf
    self.others = others
  }

  deinit {
    X509_free(leaf)
    natsight_chain_free(others)
  }

  /// Whether a server with that context would let this client in now: by its authorities, and by the clock.
  public func isAccepted(by server: TLSContext) -> Bool {
    guard server.clientCertificate != .ignored, let store = SSL_CTX_get_cert_store(server.context),
      let verification = X509_STORE_CTX_new()
    else { return false }
    defer {
      X509_STORE_CTX_free(verification)
      ERR_clear_error()
    }
    guard X509_STORE_CTX_init(verification, store, leaf, others) == 1, X509_STORE_CTX_set_default(verification, "ssl_client") == 1 else {
      return false
    }
    return X509_verify_cert(verification) == 1
  }
}
