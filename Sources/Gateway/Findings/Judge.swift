import SystemModel
import Wire

/// Judges what is known. Pure: a system in, findings out, the worst first.
enum Judge {
  static func findings(_ system: JudgedSystem) -> [Finding] {
    guard system.isConnected else {
      let why = system.connectionReason.isEmpty ? "" : ": \(system.connectionReason)"
      let lost = Finding("not_connected", .critical, "natsight", "The gateway is not connected to the NATS system\(why).", link: "/readyz")
      return [lost] + recording(system)
    }
    let all =
      recording(system) + roster(system) + ClockJudge.findings(system) + slowConsumers(system) + logins(system) + skew(system)
      + limits(system)
      + certificates(system) + health(system)
      + LinkJudge.findings(system) + JetStreamJudge.findings(system)
    return all.sorted { ($0.severity.rank, $0.subject, $0.code, $0.sentence) < ($1.severity.rank, $1.subject, $1.code, $1.sentence) }
  }

  static func finding(
    _ code: String, _ severity: Finding.Severity, _ server: JudgedServer, _ sentence: String, link: String,
    _ evidence: [(name: String, value: Finding.Evidence)] = [], since: Timestamp? = nil
  ) -> Finding {
    var finding = Finding(code, severity, server.name, sentence, link: link)
    finding.server = server.name
    finding.cluster = server.cluster
    finding.evidence = evidence
    finding.since = since
    return finding
  }

  static func finding(
    _ code: String, _ severity: Finding.Severity, _ reply: MetricReply, _ sentence: String, _ endpoint: String,
    _ evidence: [(name: String, value: Finding.Evidence)] = []
  ) -> Finding {
    var finding = Finding(
      code, severity, reply.name, sentence, link: PathScope.server(reply.id, cluster: nil).link("/" + endpoint, instead: "/" + endpoint))
    finding.server = reply.name
    finding.cluster = reply.cluster
    finding.evidence = evidence
    return finding
  }

  /// The gateway's own record: what is not recorded now cannot be asked about later.
  private static func recording(_ system: JudgedSystem) -> [Finding] {
    guard let trouble = system.recordTrouble else { return [] }
    var finding = Finding("record_failing", .warning, "natsight", "Nothing is being recorded: \(trouble.sentence).", link: "/epochs")
    finding.since = trouble.since
    return [finding]
  }

  // MARK: Who is there

  private static func roster(_ system: JudgedSystem) -> [Finding] {
    var found: [Finding] = []
    for server in system.servers {
      let silence = server.lastSeen.map { max(.zero, system.now - $0) }
      let evidence: [(name: String, value: Finding.Evidence)] =
        silence.map { [("silent_seconds", .number(Double($0.wholeSeconds)))] } ?? []
      switch server.standing {
      case .suspect(let suspicion):
        found.append(
          finding(
            "server_suspect", .critical, server, suspectSentence(server, suspicion, silence), link: server.link("varz"), evidence,
            since: server.lastSeen))
      case .awaited:
        found.append(
          finding("server_awaited", .critical, server, "\(server.name) is expected and has not been seen yet.", link: "/servers"))
      case .slow:
        found.append(
          finding("server_slow", .warning, server, "\(server.name) lives, but answers slowly.", link: server.link("varz"), evidence))
      case .lameDuck:
        found.append(
          finding(
            "server_lame_duck", .info, server, "\(server.name) is in lame duck mode: it takes no new clients and is going to stop.",
            link: "/servers", evidence, since: server.lastSeen))
      case .gone:
        // A server that left in order is news for a while; one that was replaced by its own restart is not.
        guard let silence, silence < .seconds(Double(system.window)), !system.hasHeir(server) else { continue }
        found.append(
          finding(
            "server_gone", .info, server, "\(server.name) is gone: \(server.standing.reason).", link: "/servers", evidence,
            since: server.lastSeen))
      case .live: break
      }
    }
    if system.unknownServers > 0 {
      var unknown = Finding(
        "unknown_servers", .warning, "system",
        "The servers know \(system.unknownServers) more \(system.unknownServers == 1 ? "server" : "servers") than the gateway has heard of.",
        link: "/statsz")
      unknown.evidence = [("count", .number(Double(system.unknownServers)))]
      found.append(unknown)
    }
    return found
  }

  /// One that was heard a moment ago is not silent: it cannot be reached.
  private static func suspectSentence(_ server: JudgedServer, _ suspicion: Suspicion, _ silence: Span?) -> String {
    let since = silence.map { " for \(DurationText.uptime($0.nanoseconds))" } ?? ""
    if let silence, silence < JudgedSystem.heartbeat {
      let why = suspicion == .noRoute ? "nobody knows a way to it" : "it does not answer"
      return "\(server.name) was heard \(DurationText.uptime(silence.nanoseconds)) ago, but cannot be reached: \(why)."
    }
    return "\(server.name) has not been heard\(since)."
  }

  private static func slowConsumers(_ system: JudgedSystem) -> [Finding] {
    system.servers.compactMap { server in
      guard let count = server.facts.slowConsumers, count >= UInt64(system.thresholds.slowConsumers) else { return nil }
      let first = server.facts.slowClient.isEmpty ? "" : ", first: \(server.facts.slowClient)"
      return finding(
        "slow_consumers", .warning, server,
        "\(server.name) has cut off \(count) slow \(count == 1 ? "consumer" : "consumers") within \(system.window / 60) minutes\(first).",
        link: "/closed?reason=Slow&server=\(server.queryName)",
        [("slow_consumers", .number(Double(count)))] + (server.facts.slowClient.isEmpty ? [] : [("first", .text(server.facts.slowClient))]))
    }
  }

  private static func logins(_ system: JudgedSystem) -> [Finding] {
    system.servers.compactMap { server in
      guard server.facts.refusedLogins >= system.thresholds.refusedLogins else { return nil }
      return finding(
        "logins_refused", .warning, server,
        "\(server.name) has refused \(server.facts.refusedLogins) logins within \(system.window / 60) minutes.",
        link: "/closed?reason=Authentication&server=\(server.queryName)", [("refused", .number(Double(server.facts.refusedLogins)))]
      )
    }
  }

  // MARK: What differs

  private static func skew(_ system: JudgedSystem) -> [Finding] {
    var found: [Finding] = []
    let live = system.servers.filter(\.standing.isWaitedFor)
    let versions = Dictionary(grouping: live, by: \.version).filter { !$0.key.isEmpty }
    if versions.count > 1 {
      let parts = versions.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { "\($0.value.count) on \($0.key)" }
      var finding = Finding(
        "version_skew", .info, "system", "The servers run \(versions.count) versions: \(parts.joined(separator: ", ")).", link: "/servers")
      finding.evidence = versions.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value.map(\.name).sorted().joined(separator: ", "))) }
      found.append(finding)
    }
    // Members of a cluster are meant to be configured alike but for their names and addresses: a digest differs easily, so this is only a note.
    let digests = Dictionary(grouping: system.varz.filter { !($0.document["config_digest"]?.string ?? "").isEmpty }, by: \.cluster)
    for (cluster, replies) in digests.sorted(by: { $0.key < $1.key }) {
      let different = Dictionary(grouping: replies) { $0.document["config_digest"]?.string ?? "" }
      guard different.count > 1, different.count < replies.count else { continue }
      let usual = different.max { $0.value.count < $1.value.count }?.key
      let odd = replies.filter { $0.document["config_digest"]?.string != usual }.map(\.name).sorted()
      var finding = Finding(
        "config_skew", .info, cluster,
        "The configuration of \(odd.joined(separator: ", ")) differs from that of the others in cluster \(cluster).",
        link: PathScope.cluster(cluster).link("/varz", instead: "/varz"))
      finding.cluster = cluster
      finding.evidence = different.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value.map(\.name).sorted().joined(separator: ", "))) }
      found.append(finding)
    }
    return found
  }

  // MARK: What is nearly full

  private static func limits(_ system: JudgedSystem) -> [Finding] {
    var found: [Finding] = []
    for reply in system.varz {
      let varz = reply.document
      for (code, used, limit, endpoint, sentence) in [
        ("connections_near_limit", "connections", "max_connections", "connz", { "has \($0) % of the connections it takes." }),
        ("subscriptions_near_limit", "subscriptions", "max_subscriptions", "subsz", { "has \($0) % of the subscriptions it takes." }),
        ("memory_near_limit", "mem", "gomemlimit", "varz", { "uses \($0) % of its memory limit." }),
      ] as [(String, String, String, String, (Int) -> String)] {
        guard
          let (severity, percent, evidence) = system.thresholds.share(
            varz.member(named: used)?.double, of: varz.member(named: limit)?.double)
        else { continue }
        found.append(finding(code, severity, reply, "\(reply.name) \(sentence(percent))", endpoint, evidence))
      }
    }
    return found
  }

  private static func certificates(_ system: JudgedSystem) -> [Finding] {
    var found: [Finding] = []
    for reply in system.varz {
      let listeners =
        [("client", reply.document)]
        + ["cluster", "gateway", "leaf", "mqtt", "websocket"].compactMap { name in
          reply.document.member(named: name).map { (name, $0) }
        }
      for (name, part) in listeners {
        guard let expiry = part.time("tls_cert_not_after") else { continue }
        let days = (expiry - system.now.unixSeconds) / 86400
        guard days < Double(system.thresholds.certificateDays) else { continue }
        let severity: Finding.Severity = days < Double(system.thresholds.certificateCriticalDays) ? .critical : .warning
        let when = days < 0 ? "has expired" : days < 1 ? "expires within a day" : "expires in \(Int(days)) days"
        var expiring = finding(
          "certificate_expiring", severity, reply, "The certificate of \(reply.name) for \(name) connections \(when).", "varz",
          [("days", .number((days * 10).rounded() / 10)), ("not_after", .text(part["tls_cert_not_after"]?.string ?? ""))])
        expiring.aspect = name
        found.append(expiring)
      }
    }
    return found
  }

  private static func health(_ system: JudgedSystem) -> [Finding] {
    system.healthz.compactMap { reply in
      let status = reply.document["status"]?.string ?? ""
      guard !status.isEmpty, status != "ok" else { return nil }
      let error = reply.document["error"]?.string ?? reply.document["errors"]?.elements.first?["error"]?.string ?? status
      return finding(
        "unhealthy", .critical, reply, "\(reply.name) says that it is not well: \(error).", "healthz",
        [("status", .text(status)), ("error", .text(error))])
    }
  }
}
