import Identity

extension String {
  /// A key argument as refusals show it, in quotes. Of what looks like a seed only the kind is told.
  var shownAsKey: String {
    guard let secret = SecretText.all(in: self).first else { return "\"\(self)\"" }
    return "\"\(secret.shown)\" (\(secret.noun), not shown)"
  }
}
