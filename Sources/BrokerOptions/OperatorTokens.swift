import BrokerCore
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
