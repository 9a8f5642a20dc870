import Wire

/// What accounts are called in labels: by their name, or by their id where two bear the same.
struct AccountNames {
  private var names: [String: String] = [:]
  private var bearers: [String: Set<String>] = [:]

  /// - Parameter replies: Of `accstatz`, with unused accounts.
  init(_ replies: [MetricReply]) {
    for reply in replies {
      for row in reply.document["account_statz"]?.elements ?? [] {
        guard let id = row["acc"]?.string else { continue }
        let name = row["name"]?.string ?? id
        names[id] = name
        bearers[name, default: []].insert(id)
      }
    }
  }

  /// The label of an account.
  func label(_ id: String) -> String {
    guard let name = names[id], bearers[name]?.count == 1 else { return id }
    return name
  }
}
