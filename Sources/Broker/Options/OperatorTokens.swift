import Identity
import Wire

extension OperatorModeOptions {
  /// The operators' JWTs; files that cannot be read are left out.
  var tokens: [String] {
    operators.compactMap { text in
      if text.hasPrefix("eyJ") { return text }
      guard let file = try? FileAccess.readText(text) else { return nil }
      return (try? Credentials(text: file))?.jwt
    }
  }
}

/// The claims inside a JWT, as the JSON that was signed.
enum TokenPayload {
  /// Nil for what is no JWT.
  static func json(_ token: String) -> [UInt8]? {
    let chunks = token.split(separator: ".", omittingEmptySubsequences: false)
    guard chunks.count == 3, let bytes = Base64.decodeURL(String(chunks[1])), (try? JSONScanner.validate(bytes)) != nil else { return nil }
    return bytes
  }
}
