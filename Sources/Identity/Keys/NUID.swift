import Synchronization

/// Short unique names: 12 random characters and a 10-character sequence in base 62, as NATS clients use for inboxes.
public enum NUID {
  private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
  private static let limit: UInt64 = 839_299_365_868_340_224  // 62^10

  private struct State {
    var prefix: [UInt8] = []
    var sequence: UInt64 = limit
    var step: UInt64 = 1
  }
  private static let state = Mutex(State())

  /// The next name, 22 characters.
  public static func next() -> String {
    let bytes = state.withLock { state in
      state.sequence += state.step
      if state.sequence >= limit {
        let random = Random.bytes(16)
        state.prefix = Array(Random.text(12, alphabet: digits).utf8)
        state.sequence = random[0..<8].reduce(0) { ($0 << 8) | UInt64($1) } % (limit / 2)
        state.step = 33 + random[8..<16].reduce(0) { ($0 << 8) | UInt64($1) } % 301
      }
      var name = state.prefix
      name.reserveCapacity(22)
      var rest = state.sequence
      var tail = [UInt8](repeating: 0, count: 10)
      for index in stride(from: 9, through: 0, by: -1) {
        tail[index] = digits[Int(rest % 62)]
        rest /= 62
      }
      name.append(contentsOf: tail)
      return name
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
