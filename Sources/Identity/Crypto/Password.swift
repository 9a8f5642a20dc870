import CCrypt
import Glibc

/// Passwords and tokens as NATS configurations hold them: plain, or as a bcrypt hash.
public enum Password {
  /// True when the configured text is a bcrypt hash (`$2a$`, `$2b$`, `$2x$`, `$2y$`).
  public static func isHash(_ stored: String) -> Bool {
    let bytes = Array(stored.utf8.prefix(4))
    return bytes.count == 4 && bytes[0] == 0x24 && bytes[1] == 0x32 && bytes[3] == 0x24
      && [UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "x"), UInt8(ascii: "y")].contains(bytes[2])
  }

  /// The cost of a bcrypt hash, 4–31: each one more doubles the work of a check. Nil for what is no whole hash, which nothing matches.
  public static func cost(ofHash stored: String) -> Int? {
    let bytes = Array(stored.utf8)
    guard isHash(stored), bytes.count == 60, bytes[6] == 0x24, let cost = Int(String(decoding: bytes[4..<6], as: UTF8.self)) else {
      return nil
    }
    let isAlphabet = bytes[7...].allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2E || byte == 0x2F
    }
    return isAlphabet && (4...31).contains(cost) ? cost : nil
  }

  /// Takes as long as a check against a hash of that cost, and finds nothing.
  public static func spend(cost: Int, on given: String) {
    let digits = cost < 10 ? "0\(cost)" : "\(cost)"
    _ = matches(given, stored: "$2a$\(digits)$7EqJtq98hPqEX7fNZaFWoOhi5d6nRk8aNZ0y5mP1JqYf0m1r2Qy3K")
  }

  /// Whether `given` is the password that `stored` stands for.
  /// A bcrypt hash costs up to a tenth of a second and more: call it on a worker queue when `isHash(stored)`.
  public static func matches(_ given: String, stored: String) -> Bool {
    guard isHash(stored) else { return equalInConstantTime(Array(given.utf8), Array(stored.utf8)) }
    guard let computed = crypt(given, setting: stored) else { return false }
    return equalInConstantTime(Array(computed.utf8), Array(stored.utf8))
  }

  /// A new `$2a$` hash. `cost` is the logarithm of the work, 4–31; NATS tools use 11. Blocks (97 ms at 11).
  public static func hash(_ password: String, cost: Int = 11) -> String? {
    var setting = [CChar](repeating: 0, count: 192)
    let random = Random.bytes(16).map { CChar(bitPattern: $0) }
    let made = crypt_gensalt_rn("$2a$", UInt(cost), random, Int32(random.count), &setting, Int32(setting.count))
    guard made != nil else { return nil }
    return crypt(password, setting: string(setting))
  }

  private static func crypt(_ password: String, setting: String) -> String? {
    // bcrypt reads up to a zero byte, so a password with one inside would match its own beginning.
    guard !password.utf8.contains(0), !setting.utf8.contains(0) else { return nil }
    // 32 KB, and crypt_r wants it zeroed: too much for a worker's stack.
    let data = UnsafeMutableRawPointer.allocate(byteCount: MemoryLayout<crypt_data>.stride, alignment: 16)
    memset(data, 0, MemoryLayout<crypt_data>.stride)
    defer {
      explicit_bzero(data, MemoryLayout<crypt_data>.stride)
      data.deallocate()
    }
    guard let result = crypt_r(password, setting, data.assumingMemoryBound(to: crypt_data.self)) else { return nil }
    let text = String(cString: result)
    return text.hasPrefix("*") ? nil : text
  }

  private static func string(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
