import Wire

/// What happened between two recorded moments, by their facts and by what was heard in between. Pure.
struct Transitions {
  /// Transitions of one kind, at most: beyond it one sentence counts the rest.
  static let most = 100
  /// Connections that have to end at least, and the share of a server's connections, to be worth telling.
  private static let fewestEnded = 10
  private static let shareEnded = 0.5

  private let before: EpochFacts
  private let after: EpochFacts
  private let heard: HeardBetween
  private let refusedLogins: Int
  private var found: [Transition] = []

  /// - Parameters:
  ///   - before: The facts of the epoch before; nil where there is none, or it kept none: then only what was heard is told.
  ///   - refusedLogins: How many by one server are worth telling.
  /// - Returns: In the order of time.
  static func between(_ before: EpochFacts?, _ after: EpochFacts, _ heard: HeardBetween, refusedLogins: Int) -> [Transition] {
    var transitions = Transitions(
      before: before ?? after, after: after, heard: heard, refusedLogins: refusedLogins)
    if before?.isSettled == true, after.isSettled {
      transitions.servers()
      transitions.leaders()
      transitions.links()
      transitions.disconnects()
    }
    transitions.storms()
    return shortened(transitions.found).sorted { ($0.at, $0.kind.rawValue, $0.subject) < ($1.at, $1.kind.rawValue, $1.subject) }
  }

  private init(before: EpochFacts, after: EpochFacts, heard: HeardBetween, refusedLogins: Int) {
    self.before = before
    self.after = after
    self.heard = heard
    self.refusedLogins = refusedLogins
  }

  /// A transition between the two moments, or at the very moment where that is known and lies between them.
  private func transition(_ kind: Transition.Kind, _ exact: Timestamp? = nil, subject: String, _ sentence: String) -> Transition {
    if let exact, exact > before.at, exact <= after.at { return Transition(kind, at: exact, subject: subject, sentence) }
    return Transition(kind, at: after.at, after: before.at, subject: subject, sentence)
  }

  private func transition(
    _ kind: Transition.Kind, _ exact: Timestamp? = nil, of server: EpochFacts.Server, _ sentence: String
  ) -> Transition {
    var made = transition(kind, exact, subject: server.name, sentence)
    made.server = server.name
    made.cluster = server.cluster
    return made
  }

  // MARK: Servers

  private mutating func servers() {
    for key in Set(before.servers.keys).union(after.servers.keys).sorted() {
      switch (before.servers[key], after.servers[key]) {
      case (nil, let now?): if now.isThere { came(now, nil) }
      case (let then?, nil): if then.isThere { left(then, then.id, "nobody knows of it any more") }
      case (let then?, let now?): moved(then, now)
      case (nil, nil): break
      }
    }
  }

  private mutating func moved(_ then: EpochFacts.Server, _ now: EpochFacts.Server) {
    switch (then.isThere, now.isThere) {
    case (true, false): left(now, then.id, now.reason)
    case (false, true): came(now, then)
    case (true, true):
      if Transitions.isRestarted(then, now) {
        found.append(transition(.serverRestarted, now.start, of: now, "\(now.name) was started anew."))
      }
    case (false, false): return
    }
    if now.isThere { settings(then, now) }
  }

  private static func isRestarted(_ then: EpochFacts.Server, _ now: EpochFacts.Server) -> Bool {
    if then.id != now.id { return true }
    guard let earlier = then.start, let later = now.start else { return false }
    return earlier != later
  }

  private mutating func came(_ now: EpochFacts.Server, _ then: EpochFacts.Server?) {
    let isAnew = then.map { Transitions.isRestarted($0, now) } ?? false
    let sentence =
      then == nil
      ? "\(now.name) came\(now.version.isEmpty ? "" : ", with version \(now.version)")."
      : "\(now.name) is back\(isAnew ? ", started anew" : "")."
    found.append(transition(.serverCame, then == nil || isAnew ? now.start : nil, of: now, sentence))
  }

  private mutating func left(_ server: EpochFacts.Server, _ id: String, _ reason: String) {
    let why = reason.isEmpty ? "" : ": \(reason)"
    found.append(transition(.serverLeft, heard.servers[id]?.farewell, of: server, "\(server.name) is not there any more\(why)."))
  }

  /// Version and configuration.
  private mutating func settings(_ then: EpochFacts.Server, _ now: EpochFacts.Server) {
    if then.version != now.version, !then.version.isEmpty, !now.version.isEmpty {
      var made = transition(
        .versionChanged, now.start, of: now, "\(now.name) runs \(now.version); it ran \(then.version).")
      (made.from, made.to) = (then.version, now.version)
      found.append(made)
    }
    if then.digest != now.digest, !then.digest.isEmpty, !now.digest.isEmpty {
      var made = transition(.configurationChanged, now.configured, of: now, "\(now.name) runs by another configuration than before.")
      (made.from, made.to) = (then.digest, now.digest)
      found.append(made)
    } else if let earlier = then.configured, let later = now.configured, earlier != later, !Transitions.isRestarted(then, now) {
      let same = now.digest.isEmpty ? "" : ", which says the same as before"
      found.append(transition(.configurationReloaded, later, of: now, "\(now.name) read its configuration again\(same)."))
    }
  }

  // MARK: Leaders

  private mutating func leaders() {
    for (domain, leader) in after.metaLeaders.sorted(by: { $0.key < $1.key }) {
      guard let earlier = before.metaLeaders[domain], earlier != leader else { continue }
      let group = "The JetStream meta group\(domain.isEmpty ? "" : " of domain \(domain)")"
      var made = transition(.metaLeaderChanged, subject: "JetStream", group + Transitions.led(earlier, leader))
      (made.from, made.to, made.server) = (earlier, leader, leader.isEmpty ? earlier : leader)
      made.cluster = cluster(ofServer: made.server)
      found.append(made)
    }
    for (asset, leader) in after.leaders.sorted(by: { ($0.key.subject, $0.key.place) < ($1.key.subject, $1.key.place) }) {
      guard let earlier = before.leaders[asset], earlier != leader else { continue }
      let isStream = asset.consumer.isEmpty
      var made = transition(
        isStream ? .streamLeaderChanged : .consumerLeaderChanged, subject: asset.subject,
        "\(isStream ? "Stream" : "Consumer") \(asset.subject)" + Transitions.led(earlier, leader))
      (made.from, made.to, made.server) = (earlier, leader, leader.isEmpty ? earlier : leader)
      (made.cluster, made.account, made.stream, made.consumer) = (asset.place, asset.account, asset.stream, asset.consumer)
      found.append(made)
    }
  }

  private static func led(_ earlier: String, _ leader: String) -> String {
    if leader.isEmpty { return " has no leader; it was \(earlier)." }
    return earlier.isEmpty ? " is led by \(leader); it had no leader." : " is led by \(leader); it was led by \(earlier)."
  }

  private func cluster(ofServer name: String) -> String { after.servers.values.first { $0.name == name }?.cluster ?? "" }

  // MARK: Links

  private mutating func links() {
    for key in Set(before.links.keys).symmetricDifference(after.links.keys).sorted() {
      // Where an end is not there, that is the news.
      if let link = before.links[key] {
        if areTold(link, after) { found.append(linked(link, isLost: true)) }
      } else if let link = after.links[key] {
        if areTold(link, after), areTold(link, before) { found.append(linked(link, isLost: false)) }
      }
    }
  }

  /// Those of a link's ends that are servers of the system told of its kind; at least one did.
  private func areTold(_ link: EpochFacts.Link, _ facts: EpochFacts) -> Bool {
    let ends = [link.from, link.to].filter { before.servers[$0] != nil || after.servers[$0] != nil }
    // A gateway leads to a cluster, of which any server may be the end.
    let counted = link.kind == .gateway ? ends.filter { $0 == link.from } : ends
    return !counted.isEmpty && counted.allSatisfy { facts.servers[$0]?.told.contains(link.kind) == true }
  }

  private func linked(_ link: EpochFacts.Link, isLost: Bool) -> Transition {
    let kind: Transition.Kind =
      switch link.kind {
      case .route: isLost ? .routeLost : .routeFound
      case .gateway: isLost ? .gatewayLost : .gatewayFound
      case .leafnode: isLost ? .leafnodeLost : .leafnodeFound
      }
    let what: (subject: String, text: String) =
      switch link.kind {
      case .route: ("\(link.fromName)–\(link.toName)", "The route between \(link.fromName) and \(link.toName)")
      case .gateway: ("\(link.fromName)→\(link.toCluster)", "The gateway from \(link.fromName) to cluster \(link.toCluster)")
      case .leafnode:
        (
          "\(link.toName)→\(link.fromName)",
          "The leafnode connection of \(link.toName) to \(link.fromName)\(link.account.isEmpty ? "" : " in account \(link.account)")"
        )
      }
    var made = transition(kind, subject: what.subject, "\(what.text) is \(isLost ? "lost" : "there").")
    made.server = link.fromName
    made.cluster = (after.servers[link.from] ?? before.servers[link.from])?.cluster ?? ""
    made.account = link.account
    (made.from, made.to) = (link.fromName, link.kind == .gateway ? link.toCluster : link.toName)
    return made
  }

  // MARK: What came in numbers

  private mutating func disconnects() {
    for (key, now) in after.servers.sorted(by: { $0.key < $1.key }) {
      // One that was started anew, or came back, begins without connections: that is told already.
      guard let then = before.servers[key], then.isThere, now.isThere, !Transitions.isRestarted(then, now), let had = then.connections
      else { continue }
      let told = heard.servers[now.id]
      let ended = max(told?.ended ?? 0, now.connections.map { max(0, had).subtractingReportingOverflow(max(0, $0)).partialValue } ?? 0)
      guard ended >= Transitions.fewestEnded, Double(ended) >= Transitions.shareEnded * Double(had) else { continue }
      let why = (told?.reason ?? "").isEmpty ? "" : ", most for: \(told?.reason ?? "")"
      var made = transition(.massDisconnect, of: now, "\(ended) of the \(had) connections of \(now.name) ended\(why).")
      made.count = ended
      found.append(made)
    }
  }

  private mutating func storms() {
    for (id, server) in heard.servers.sorted(by: { $0.key < $1.key }) where server.refusedLogins >= refusedLogins {
      guard let known = after.servers.values.first(where: { $0.id == id }) ?? before.servers.values.first(where: { $0.id == id }) else {
        continue
      }
      var made = transition(.loginStorm, of: known, "\(known.name) refused \(server.refusedLogins) logins.")
      made.after = heard.since
      made.count = server.refusedLogins
      found.append(made)
    }
    for storm in heard.storms.sorted(by: { ($0.of, $0.account) < ($1.of, $1.account) }) {
      var made = Transition(
        .eventStorm, at: storm.last, after: storm.first == storm.last ? nil : storm.first,
        subject: storm.account.isEmpty ? storm.of : storm.account,
        "\(storm.count) events of type \(storm.of)\(storm.account.isEmpty ? "" : " in account \(storm.account)") came too fast to be kept one by one."
      )
      made.account = storm.account
      made.count = storm.count
      found.append(made)
    }
  }

  /// One cause may move a thousand streams.
  private static func shortened(_ all: [Transition]) -> [Transition] {
    var counts: [Transition.Kind: Int] = [:]
    var kept: [Transition] = []
    for transition in all {
      counts[transition.kind, default: 0] += 1
      if counts[transition.kind, default: 0] <= most { kept.append(transition) }
    }
    for (kind, count) in counts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where count > most {
      guard let last = kept.last(where: { $0.kind == kind }) else { continue }
      var rest = Transition(
        kind, at: last.at, after: last.after, subject: "system", "\(count - most) more of this kind (\(kind.rawValue)).")
      rest.count = count - most
      kept.append(rest)
    }
    return kept
  }
}
