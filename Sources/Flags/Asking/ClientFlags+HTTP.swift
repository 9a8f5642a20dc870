import ArgumentParser
import Identity
import Wire

/// The flags about who to be, where an HTTP server is asked instead of a NATS one.
extension ClientFlags {
  /// Those that were given and mean nothing to HTTP.
  ///
  /// - Parameter server: `--server` is among them.
  func settingsOfNATS(server isOne: Bool = true) -> [String] {
    let given: [(Setting, Bool)] = [
      (.server, isOne && server != nil), (.context, context != nil), (.creds, creds != nil), (.nkey, nkey != nil), (.tlsFirst, tlsFirst),
    ]
    return given.filter(\.1).map { "--\($0.0.name)" }
  }

  /// The `Authorization` field that user and password, or a token, make; nil where neither is given.
  ///
  /// - Throws: A sentence about what does not go together, or a file that cannot be read.
  func authorization() throws -> String? {
    if let user {
      guard let password else { throw ValidationError("--user needs --password where a gateway is asked") }
      return "Basic " + Base64.encode("\(user):\(password)".utf8)
    }
    if let token { return "Bearer " + token }
    guard let tokenFile else { return nil }
    do {
      let text = try FileAccess.readText(NATSContext.expanded(tokenFile))
      return "Bearer " + text.split(whereSeparator: \.isWhitespace).joined()
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  /// Files of the authorities to trust, our own certificate and its key; empty where there are none.
  var certificates: (authorities: String, certificate: String, key: String) {
    func path(_ flag: String?) -> String { flag.map { NATSContext.expanded($0) } ?? "" }
    return (path(tlsCA), path(tlsCert), path(tlsKey))
  }
}
