import Wire

/// The claims inside a JWT, as the JSON that was signed.
public enum TokenPayload {
  /// Nil for what is no JWT.
  public static func json(_ token: String) -> [UInt8]? {
    let chunks = token.split(separator: ".", omittingEmptySubsequences: false)
    guard chunks.count == 3, let bytes = Base64.decode(chunks[1], .url, [.padding, .lineEnds]), (try? JSONScanner.validate(bytes)) != nil
    else { return nil }
    return bytes
  }
}
