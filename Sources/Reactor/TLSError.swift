import COpenSSL

/// A failure of the TLS layer, in OpenSSL's words where it has any.
public struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One sentence without a full stop.
  public let description: String

  public init(_ description: String) { self.description = description }

  /// What stands in OpenSSL's error queue, which is emptied.
  static func last(_ whatFailed: String) -> TLSError {
    var texts: [String] = []
    while case let code = ERR_get_error(), code != 0 {
      var buffer = [CChar](repeating: 0, count: 256)
      ERR_error_string_n(code, &buffer, buffer.count)
      if let reason = ERR_reason_error_string(code) {
        texts.append(String(cString: reason))
      } else {
        texts.append(buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" })
      }
    }
    return TLSError(texts.isEmpty ? whatFailed : "\(whatFailed): \(texts.joined(separator: ", "))")
  }
}
