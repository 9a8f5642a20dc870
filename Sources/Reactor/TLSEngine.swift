import COpenSSL

/// TLS as a pure engine: ciphertext in, plaintext out, and no socket inside.
///
/// Belongs to one connection and is used on its shard's queue only.
public final class TLSEngine {
  private let ssl: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  // Kept because the engine's SSL object borrows from it.
  private let context: TLSContext

  /// True once the handshake has succeeded.
  public private(set) var isSecured = false
  /// True once the peer has said that nothing more follows.
  public private(set) var isEnded = false

  init(context: TLSContext, isServer: Bool, serverName: String?, verifiesHost: Bool) throws(TLSError) {
    guard let ssl = SSL_new(context.context), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem())
    else { throw TLSError.last("could not make a TLS engine") }
    self.context = context
    self.ssl = ssl
    self.incoming = incoming
    self.outgoing = outgoing
    SSL_set_bio(ssl, incoming, outgoing)
    if isServer {
      SSL_set_accept_state(ssl)
    } else {
      SSL_set_connect_state(ssl)
      try expect(serverName: serverName, verifiesHost: verifiesHost)
    }
  }

  deinit { SSL_free(ssl) }

  private func expect(serverName: String?, verifiesHost: Bool) throws(TLSError) {
    guard let serverName else { return }
    let isAddress = serverName.contains(":") || serverName.allSatisfy { $0.isNumber || $0 == "." }
    if !isAddress { _ = natsight_SSL_set_tlsext_host_name(ssl, serverName) }
    guard verifiesHost else { return }
    let accepted =
      isAddress ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), serverName) : SSL_set1_host(ssl, serverName)
    guard accepted == 1 else { throw TLSError.last("\"\(serverName)\" is not a usable server name") }
  }

  /// Takes ciphertext from the socket.
  public func feed(_ ciphertext: UnsafeRawBufferPointer) {
    guard let base = ciphertext.baseAddress, !ciphertext.isEmpty else { return }
    BIO_write(incoming, base, Int32(ciphertext.count))
  }

  /// Drives the handshake as far as the bytes at hand allow.
  public func handshake() throws(TLSError) {
    guard !isSecured else { return }
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    if result == 1 {
      isSecured = true
      return
    }
    let error = SSL_get_error(ssl, result)
    guard error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE else {
      throw handshakeFailure()
    }
  }

  private func handshakeFailure() -> TLSError {
    let verification = SSL_get_verify_result(ssl)
    if verification != Int(X509_V_OK), let text = X509_verify_cert_error_string(verification) {
      ERR_clear_error()
      return TLSError("the peer's certificate is not accepted: \(String(cString: text))")
    }
    return TLSError.last("the TLS handshake failed")
  }

  /// Decrypts into `buffer`; returns the number of bytes, 0 when more ciphertext is needed.
  public func open(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> Int {
    guard isSecured, !isEnded else { return 0 }
    ERR_clear_error()
    let count = SSL_read(ssl, buffer.baseAddress, Int32(buffer.count))
    if count > 0 { return Int(count) }
    switch SSL_get_error(ssl, count) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
      return 0
    case SSL_ERROR_ZERO_RETURN:
      isEnded = true
      return 0
    default:
      throw TLSError.last("reading TLS records failed")
    }
  }

  /// Encrypts from the front of `plaintext`; returns how many bytes were taken.
  public func seal(_ plaintext: UnsafeRawBufferPointer) throws(TLSError) -> Int {
    guard isSecured, !plaintext.isEmpty else { return 0 }
    ERR_clear_error()
    let count = SSL_write(ssl, plaintext.baseAddress, Int32(min(plaintext.count, 65_536)))
    if count > 0 { return Int(count) }
    switch SSL_get_error(ssl, count) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return 0
    default: throw TLSError.last("writing TLS records failed")
    }
  }

  /// Hands over the ciphertext that waits to be sent.
  public func takeCiphertext(_ body: (UnsafeRawBufferPointer) -> Void) {
    var start: UnsafeMutablePointer<CChar>?
    let count = natsight_BIO_get_mem_data(outgoing, &start)
    guard count > 0, let start else { return }
    body(UnsafeRawBufferPointer(start: start, count: count))
    BIO_ctrl(outgoing, BIO_CTRL_RESET, 0, nil)
  }

  /// Queues the message that says that nothing more follows.
  public func end() {
    ERR_clear_error()
    if isSecured { SSL_shutdown(ssl) }
    ERR_clear_error()
  }

  // MARK: What was agreed on

  /// `1.2` or `1.3`; empty before the handshake has ended.
  public var version: String {
    guard isSecured, let text = SSL_get_version(ssl) else { return "" }
    return String(cString: text).replacingPrefix("TLSv", with: "")
  }

  /// The IANA name of the cipher suite, such as `TLS_AES_128_GCM_SHA256`; empty before the handshake has ended.
  public var cipherSuite: String {
    guard isSecured, let cipher = SSL_get_current_cipher(ssl), let name = SSL_CIPHER_standard_name(cipher) else { return "" }
    return String(cString: name)
  }

  /// What the peer has shown, to be judged by other authorities later; nil where it has shown nothing.
  public var peerChain: PeerChain? {
    guard let leaf = SSL_get1_peer_certificate(ssl) else { return nil }
    return PeerChain(owning: leaf, natsight_chain_up_ref(natsight_SSL_get_peer_cert_chain(ssl)))
  }

  /// As PEM: the chain that was verified, up to its authority, or what the peer has shown where nothing was verified.
  public var peerChainAsPEM: (certificates: [String], isVerified: Bool) {
    if let chain = SSL_get0_verified_chain(ssl), SSL_get_verify_result(ssl) == X509_V_OK {
      let texts = (0..<natsight_sk_X509_num(chain)).compactMap { natsight_sk_X509_value(chain, $0).flatMap(PeerCertificate.pem) }
      if !texts.isEmpty { return (texts, true) }
    }
    guard let leaf = SSL_get1_peer_certificate(ssl) else { return ([], false) }
    defer { X509_free(leaf) }
    return (PeerCertificate.pem(leaf).map { [$0] } ?? [], false)
  }

  /// The certificates that the peer has shown, its own first.
  public var peerCertificates: [PeerCertificate] {
    var certificates: [PeerCertificate] = []
    if let leaf = SSL_get1_peer_certificate(ssl) {
      certificates.append(PeerCertificate(leaf))
      X509_free(leaf)
    }
    guard let chain = natsight_SSL_get_peer_cert_chain(ssl) else { return certificates }
    for index in 0..<natsight_sk_X509_num(chain) {
      guard let certificate = natsight_sk_X509_value(chain, index) else { continue }
      let seen = PeerCertificate(certificate)
      if seen.fingerprint != certificates.first?.fingerprint { certificates.append(seen) }
    }
    return certificates
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, with replacement: String) -> String {
    hasPrefix(prefix) ? replacement + dropFirst(prefix.count) : self
  }
}
