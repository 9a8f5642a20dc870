import Wire

/// Who a connection is, as JSON members: in events, in latency samples, and in what goes with a shared service request.
package struct ConnectionDescription {
  private let client: ClientConnection
  private let account: String
  /// The connection's start, as the reader shows times.
  private let start: String

  package init(_ client: ClientConnection, account: String, start: String) {
    self.client = client
    self.account = account
    self.start = start
  }

  package func writeHead(_ json: inout JSONWriter) {
    json.member("start", start)
    json.member("host", unlessEmpty: client.host)
    json.member("id", client.cid)
    json.member("acc", account)
    json.member("user", unlessEmpty: client.authorizedUser)
    json.member("name", unlessEmpty: client.name)
    json.member("lang", unlessEmpty: client.language)
    json.member("ver", unlessEmpty: client.version)
  }

  /// - Parameter nameTag: The account's name as its token has it; nil leaves it out.
  package func writeIdentity(_ json: inout JSONWriter, nameTag: String?) {
    json.member("jwt", unlessEmpty: client.identity?.jwt ?? "")
    json.member("issuer_key", unlessEmpty: client.identity?.issuerKey ?? "")
    json.member("name_tag", unlessEmpty: nameTag ?? "")
    json.member("tags", unlessEmpty: client.identity?.tags ?? [])
  }

  package func writeKind(_ json: inout JSONWriter) {
    json.member("kind", client.kind == .leaf ? "Leafnode" : "Client")
    if client.kind == .client { json.member("client_type", "nats") }
  }
}
