/// How secrets are taken out of what a caller gets.
struct SecretFilter: Sendable {
  /// Also look for command lines (the EXPVARZ document).
  let commandLines: Bool

  /// The bytes without secrets; nil where they hold none.
  func redacted(_ bytes: [UInt8]) -> [UInt8]? { Redaction.redact(bytes, commandLines: commandLines) }
}
