import Glibc

/// TLS between socket and protocol.
extension Connection {
  /// Puts TLS between socket and protocol, mid-stream or as the first thing.
  ///
  /// - Parameters:
  ///   - engine: A fresh engine of `TLSContext.makeEngine`.
  ///   - alreadyRead: Ciphertext that was read before the upgrade.
  public func startTLS(_ engine: TLSEngine, alreadyRead: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
    shard.assertCurrent()
    guard !isClosed else { return }
    flush()
    tls = engine
    engine.feed(alreadyRead)
    // Later, because the caller may be inside `received`, and what is decrypted would arrive within it.
    shard.run { [weak self] in self?.pumpTLS() }
  }

  func pumpTLS() {
    guard let tls, !isClosed else { return }
    do throws(TLSError) {
      let wasSecured = tls.isSecured
      try tls.handshake()
      if !wasSecured && tls.isSecured { handler?.connectionSecured(self) }
      while !isClosed, ending == .none {
        let plain = try tls.open(into: shard.plainBuffer)
        guard plain > 0 else { break }
        handler?.connection(self, received: UnsafeRawBufferPointer(rebasing: shard.plainBuffer[0..<plain]))
      }
      scheduleFlush()
      if tls.isEnded { finish(.peerClosed) }
    } catch {
      sealHandshake()
      finish(.tls(error.description))
    }
  }
}
