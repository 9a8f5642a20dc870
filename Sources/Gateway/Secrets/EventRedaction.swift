import Wire

/// Takes secrets out of events: user JWTs (bearer tokens among them), tokens and passwords.
enum EventRedaction {
  static let replacement = "[REDACTED]"
  private static let secret: Set<String> = ["jwt", "token", "auth_token", "password", "pass", "sig", "nonce"]

  /// The value's bytes, compact enough to splice, with secrets replaced; nil where it holds none.
  static func redacted(_ view: JSONView) -> [UInt8]? {
    guard holdsSecret(view.raw) else { return nil }
    var json = JSONWriter(capacity: view.raw.count)
    write(view, to: &json)
    return json.bytes
  }

  /// Most events hold none: looking for their names is cheaper than writing every event anew.
  private static func holdsSecret(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.withUnsafeBytes { buffer in
      for name in ["\"jwt\"", "token\"", "\"pass", "\"sig\"", "\"nonce\""] {
        if contains(buffer, Array(name.utf8)) { return true }
      }
      // An escaped name is unusual enough to look closer.
      return contains(buffer, Array("\\u00".utf8))
    }
  }

  private static func contains(_ text: UnsafeRawBufferPointer, _ word: [UInt8]) -> Bool {
    guard let first = word.first, text.count >= word.count else { return false }
    var index = 0
    while index <= text.count - word.count {
      if text[index] == first, word.indices.allSatisfy({ text[index + $0] == word[$0] }) { return true }
      index += 1
    }
    return false
  }

  private static func write(_ view: JSONView, to json: inout JSONWriter) {
    switch view.kind {
    case .object:
      json.object { json in
        view.forEachMember { name, value in
          json.key(name)
          if secret.contains(name), value.kind == .string, value.string != "" {
            json.string(replacement)
          } else {
            write(value, to: &json)
          }
        }
      }
    case .array:
      json.array { json in for element in view.elements { write(element, to: &json) } }
    default: json.raw(view.raw)
    }
  }
}
