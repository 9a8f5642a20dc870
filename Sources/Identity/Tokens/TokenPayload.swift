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

  /// The claims as libraries of today show them: what an older token (version 1) has outside of `nats` stands within it, with the version.
  /// Nil for what is no JWT.
  public static func shown(_ token: String) -> [UInt8]? {
    if !token.hasPrefix(Token.headerV2), let claims = try? Token.decode(token), claims.version == 1 { return shown(claims) }
    return json(token)
  }

  private static func shown(_ claims: some Claims) -> [UInt8] {
    Token.payload(claims, claims.standard, version: claims.version).encoded()
  }
}
