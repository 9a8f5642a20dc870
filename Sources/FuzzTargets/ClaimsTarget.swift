import Identity
import Wire

extension FuzzTarget {
  /// A JWT, or a file that holds one: it is decoded or refused, alike each time, and what is shown of it is JSON.
  ///
  /// An input without dots is taken for the claims themselves, wrapped and not signed, so that the readers behind the signature are
  /// reached too.
  public static let claims = FuzzTarget(name: "claims") { input in
    let text = String(decoding: input, as: UTF8.self)
    if let broken = token(text) { return broken }
    if !text.contains(".") {
      let header = Base64.encode(Array(#"{"typ":"JWT","alg":"ed25519-nkey"}"#.utf8), .url)
      if let broken = token(header + "." + Base64.encode(input, .url) + ".AAAA") { return broken }
    }
    _ = try? Credentials(text: text)
    return value(input)
  }

  private static func token(_ text: String) -> String? {
    let first = Result { try Token.decode(text) }
    let second = Result { try Token.decode(text) }
    switch (first, second) {
    case (.success(let one), .success(let two)): if one.standard.subject != two.standard.subject { return "two readings differ" }
    case (.failure(let one), .failure(let two)): if "\(one)" != "\(two)" || "\(one)".isEmpty { return "two refusals differ" }
    default: return "accepted once and refused once"
    }
    guard let shown = try? Token.inspect(text) else { return nil }
    if (try? JSONScanner.validate(shown.payload.encoded())) == nil { return "the claims are no JSON" }
    return TokenPayload.json(text) == nil ? "the payload is no JSON" : nil
  }

  /// Claims are JSON, and writing them does not change them.
  private static func value(_ input: [UInt8]) -> String? {
    guard let value = try? ClaimValue(json: input) else { return nil }
    let written = value.encoded()
    guard (try? JSONScanner.validate(written)) != nil else { return "what was written is no JSON" }
    guard let again = try? ClaimValue(json: written) else { return "what was written cannot be read" }
    return again.encoded() == written ? nil : "writing changes the value"
  }
}
