import COpenSSL

/// Hashes and random bytes, all from OpenSSL.
public enum Digest {
  public static func sha256(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, EVP_sha256(), 32) }
  /// SHA-512/256, the hash of a JWT's `jti`.
  public static func sha512_256(_ bytes: [UInt8]) -> [UInt8] { digest(bytes, EVP_sha512_256(), 32) }

  private static func digest(_ bytes: [UInt8], _ kind: OpaquePointer?, _ length: Int) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var written: UInt32 = 0
    let ok = EVP_Digest(bytes, bytes.count, &output, &written, kind, nil)
    precondition(ok == 1 && Int(written) == length, "OpenSSL offers no such digest")
    return Array(output[0..<length])
  }
}

/// Bytes from OpenSSL's generator, for keys, nonces and names that must not be guessed.
public enum Random {
  public static func bytes(_ count: Int) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: count)
    precondition(RAND_bytes(&output, Int32(count)) == 1, "OpenSSL's random generator has no entropy")
    return output
  }

  /// Text of `count` characters drawn evenly from `alphabet` (at most 256 characters).
  public static func text(_ count: Int, alphabet: [UInt8]) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(count)
    let limit = 256 - 256 % alphabet.count
    while output.count < count {
      // Bytes beyond the largest multiple would favour the first letters.
      for byte in bytes(count) where Int(byte) < limit && output.count < count { output.append(alphabet[Int(byte) % alphabet.count]) }
    }
    return String(decoding: output, as: UTF8.self)
  }
}

/// Compares without telling by its duration where the first difference is; lengths may differ.
public func equalInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
  var difference = a.count ^ b.count
  for index in 0..<a.count { difference |= Int(a[index] ^ (b.isEmpty ? 0 : b[index % b.count])) }
  return difference == 0
}
