/// Why a TLS handshake came to nothing, in the words that operators of nats-server look for.
enum HandshakeFault {
  private static let words = [
    ("peer did not return a certificate", "tls: client didn't provide a certificate"),
    ("https proxy request", "tls: first record does not look like a TLS handshake"),
    ("http request", "tls: first record does not look like a TLS handshake"),
    ("wrong version number", "tls: first record does not look like a TLS handshake"),
    ("packet length too long", "tls: first record does not look like a TLS handshake"),
    ("unsupported protocol", "tls: client offered only unsupported versions"),
    ("no shared cipher", "tls: no cipher suite supported by both client and server"),
    ("certificate verify failed", "tls: failed to verify certificate"),
  ]

  /// - Parameter text: OpenSSL's.
  static func words(for text: String) -> String { words.first { text.contains($0.0) }?.1 ?? text }
}
