/// Which events a reader wants. Readers with equal filters share their bytes.
struct EventFilter: Hashable, Sendable {
  /// Kinds wanted; empty for all but those in `unwanted`.
  var kinds: Set<WatchedEventKind> = []
  var unwanted: Set<WatchedEventKind> = []
  /// An account's id.
  var account = ""
  /// A server's name or id.
  var server = ""
  var cluster = ""
  /// Part of a client's name, in any letter case.
  var client = ""
  /// The reader may see secrets.
  var seesSecrets = false

  /// The event as this reader gets it.
  func frame(_ event: WatchedEvent) -> [UInt8] { seesSecrets ? event.secretFrame ?? event.frame : event.frame }

  /// Frames as the reader may see them: events have had secrets taken out by their names, here it is done by their looks, once for all
  /// readers who filter alike.
  func disclosed(_ frames: [UInt8]) -> [UInt8] { seesSecrets ? frames : Redaction.redact(frames) ?? frames }

  func fits(_ event: WatchedEvent) -> Bool {
    // One that names a server is of that server's events alone.
    if event.kind == .gap { return event.serverID.isEmpty || fitsServer(event) }
    if event.kind == .storm { return fitsAccount(event) }
    // Heartbeats are sent to those who ask for them by name.
    if event.kind == .statsz, kinds.isEmpty { return false }
    if !kinds.isEmpty ? !kinds.contains(event.kind) : unwanted.contains(event.kind) { return false }
    guard fitsAccount(event) else { return false }
    guard fitsServer(event) else { return false }
    if !client.isEmpty, !event.client.lowercased().contains(client) { return false }
    return true
  }

  private func fitsServer(_ event: WatchedEvent) -> Bool {
    (server.isEmpty || event.serverName == server || event.serverID == server) && (cluster.isEmpty || event.cluster == cluster)
  }

  private func fitsAccount(_ event: WatchedEvent) -> Bool {
    account.isEmpty || event.account == account
  }

  /// Reads `type=connect,disconnect` or `type=-statsz`.
  ///
  /// - Returns: the word that is no kind.
  mutating func readKinds(_ text: String) -> String? {
    for word in text.split(separator: ",") {
      let isUnwanted = word.hasPrefix("-")
      guard let kind = WatchedEventKind(rawValue: String(isUnwanted ? word.dropFirst() : word)) else { return String(word) }
      if isUnwanted { unwanted.insert(kind) } else { kinds.insert(kind) }
    }
    return nil
  }
}
