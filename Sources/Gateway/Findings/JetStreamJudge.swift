import SystemModel
import Wire

/// Judges JetStream: leaders, replicas, and how full it is.
enum JetStreamJudge {
  /// Most findings of one kind: beyond it one sentence counts the rest.
  private static let most = 20

  static func findings(_ system: JudgedSystem) -> [Finding] {
    let enabled = system.jsz.filter { $0.document["disabled"]?.bool != true }
    return meta(enabled, system) + storage(enabled, system.thresholds) + accounts(enabled, system.thresholds)
      + streams(enabled, system)
  }

  private static func meta(_ replies: [MetricReply], _ system: JudgedSystem) -> [Finding] {
    let thresholds = system.thresholds
    var found: [Finding] = []
    let clustered = Dictionary(grouping: replies.filter { $0.document["meta_cluster"] != nil }) { $0.domain }
    for (domain, members) in clustered.sorted(by: { $0.key < $1.key }) {
      let leaders = Set(members.compactMap { $0.document["meta_cluster"]?["leader"]?.string }.filter { !$0.isEmpty })
      let place = domain.isEmpty ? "" : " of domain \(domain)"
      if leaders.isEmpty {
        var finding = Finding(
          "meta_no_leader", .critical, "JetStream", "The JetStream meta group\(place) has no leader: nothing can be created or changed.",
          link: "/jsz")
        finding.aspect = domain
        finding.evidence = [("members", .text(members.map(\.name).sorted().joined(separator: ", ")))]
        found.append(finding)
      }
      for leader in members where leader.document["meta_cluster"]?["leader"]?.string == leader.name {
        for peer in leader.document["meta_cluster"]?["replicas"]?.elements ?? [] {
          let name = peer["name"]?.string ?? "a peer"
          if peer["offline"]?.bool == true {
            found.append(
              peerFinding(
                "meta_peer_offline", system.leaver(named: name) == nil ? .critical : .warning, name, leader, system,
                "\(name) is offline in the JetStream meta group, says its leader \(leader.name)\(ofLeaver(name, system)).",
                ("silent_seconds", .number(Span(nanosecondCount: peer["active"]?.double ?? 0).seconds))))
          } else if peer["current"]?.bool == false, (peer["lag"]?.int ?? 0) >= thresholds.replicaLag {
            found.append(
              peerFinding(
                "meta_peer_behind", .warning, name, leader, system,
                "\(name) is behind in the JetStream meta group, says its leader \(leader.name).",
                ("lag", .number(peer["lag"]?.double ?? 0))))
          }
        }
      }
    }
    return found
  }

  /// Of a peer, as the leader sees it: who leads may change while it lasts.
  private static func peerFinding(
    _ code: String, _ severity: Finding.Severity, _ peer: String, _ leader: MetricReply, _ system: JudgedSystem, _ sentence: String,
    _ evidence: (name: String, value: Finding.Evidence)
  ) -> Finding {
    var finding = Judge.finding(code, severity, leader, sentence, "jsz", [evidence])
    finding.subject = peer
    finding.server = peer
    finding.cluster = system.servers.first { $0.name == peer }?.cluster ?? ""
    finding.aspect = leader.domain
    return finding
  }

  private static func storage(_ replies: [MetricReply], _ thresholds: FindingThresholds) -> [Finding] {
    var found: [Finding] = []
    for reply in replies {
      for (kind, used, limit) in [("memory", "memory", "max_memory"), ("disk", "storage", "max_storage")] {
        guard
          let (severity, percent, evidence) = thresholds.share(
            reply.document.member(named: used)?.double, of: reply.document["config"]?.member(named: limit)?.double)
        else { continue }
        var finding = Judge.finding(
          "jetstream_near_limit", severity, reply, "JetStream on \(reply.name) uses \(percent) % of its \(kind).", "jsz", evidence)
        finding.aspect = kind
        found.append(finding)
      }
    }
    return found
  }

  private static func accounts(_ replies: [MetricReply], _ thresholds: FindingThresholds) -> [Finding] {
    var found: [Finding] = []
    var seen: Set<String> = []
    for reply in replies {
      for account in reply.document["account_details"]?.elements ?? [] {
        let name = account["name"]?.string ?? ""
        for (kind, used, limit) in [("memory", "memory", "reserved_memory"), ("disk", "storage", "reserved_storage")] {
          // An unlimited account's reservation is -1 read as unsigned.
          guard let bound = account.member(named: limit)?.uint64, bound < UInt64(Int64.max),
            let (severity, percent, evidence) = thresholds.share(account.member(named: used)?.double, of: Double(bound)),
            seen.insert(name + kind).inserted
          else { continue }
          var finding = Finding(
            "account_near_limit", severity, name, "Account \(name) uses \(percent) % of its JetStream \(kind).",
            link: PathScope.account(account["id"]?.string ?? name).link("/jsz", instead: "/accounts"))
          finding.evidence = evidence
          finding.account = name
          finding.aspect = kind
          found.append(finding)
        }
      }
    }
    return found
  }

  /// What is to be said of a server that left in order.
  private static func ofLeaver(_ name: String, _ system: JudgedSystem) -> String {
    switch system.leaver(named: name)?.standing {
    case .lameDuck: "; it is in lame duck mode"
    case .gone: "; it was shut down"
    default: ""
    }
  }

  private static func streams(_ replies: [MetricReply], _ system: JudgedSystem) -> [Finding] {
    let thresholds = system.thresholds
    var found: [Finding] = []
    // One that was taken out in order takes all its replicas along: that is one thing, not one for each stream.
    var left: [String: [String]] = [:]
    let census = StreamCensus(replies)
    for stream in census.streams.values.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
      let (account, name) = (stream.labels[1], stream.labels[2])
      let subject = "\(account) > \(name)"
      let link = PathScope.account(account).link("/jsz?streams=1", instead: "/jsz?accounts=1&streams=1")
      let cluster = stream.document["cluster"]
      func ofStream(_ code: String, _ severity: Finding.Severity, _ sentence: String) -> Finding {
        var finding = Finding(code, severity, subject, sentence, link: link)
        (finding.account, finding.stream, finding.aspect) = (account, name, stream.labels[0])
        return finding
      }
      if cluster?["name"] != nil, (cluster?["leader"]?.string ?? "").isEmpty {
        var finding = ofStream("stream_no_leader", .critical, "Stream \(subject) has no leader.")
        finding.evidence = [("cluster", .text(stream.labels[0]))]
        found.append(finding)
      }
      for peer in stream.isLeader ? cluster?["replicas"]?.elements ?? [] : [] {
        let peerName = peer["name"]?.string ?? "a replica"
        if peer["offline"]?.bool == true, system.leaver(named: peerName) != nil {
          left[peerName, default: []].append(subject)
        } else if peer["offline"]?.bool == true {
          var finding = ofStream("replica_offline", .critical, "The replica of stream \(subject) on \(peerName) is offline.")
          finding.aspect += " \(peerName)"
          finding.evidence = [
            ("peer", .text(peerName)), ("silent_seconds", .number(Span(nanosecondCount: peer["active"]?.double ?? 0).seconds)),
          ]
          found.append(finding)
        } else if peer["current"]?.bool == false, (peer["lag"]?.int ?? 0) >= thresholds.replicaLag {
          var finding = ofStream(
            "replica_behind", .warning, "The replica of stream \(subject) on \(peerName) is \(peer["lag"]?.int ?? 0) entries behind.")
          finding.aspect += " \(peerName)"
          finding.evidence = [("peer", .text(peerName)), ("lag", .number(peer["lag"]?.double ?? 0))]
          found.append(finding)
        }
      }
      if let (severity, percent, evidence) = thresholds.share(
        stream.document["state"]?["bytes"]?.double, of: stream.document["config"]?["max_bytes"]?.double),
        stream.document["config"]?["discard"]?.string == "new"
      {
        var finding = ofStream(
          "stream_near_limit", severity, "Stream \(subject) holds \(percent) % of the bytes it may, and then refuses messages.")
        finding.evidence = evidence
        found.append(finding)
      }
    }
    return shortened(found) + left.sorted { $0.key < $1.key }.map { ofLeaver($0.key, $0.value, system) }
  }

  private static func ofLeaver(_ name: String, _ streams: [String], _ system: JudgedSystem) -> Finding {
    let server = system.leaver(named: name)
    let what = streams.count == 1 ? "The replica of stream \(streams[0])" : "The replicas of \(streams.count) streams"
    var finding = Finding(
      "replica_offline", .warning, name, "\(what) on \(name) \(streams.count == 1 ? "is" : "are") offline\(ofLeaver(name, system)).",
      link: "/jsz?accounts=1&streams=1")
    finding.server = name
    finding.cluster = server?.cluster ?? ""
    finding.evidence = [("peer", .text(name)), ("streams", .number(Double(streams.count))), ("first", .text(streams[0]))]
    return finding
  }

  private static func shortened(_ findings: [Finding]) -> [Finding] {
    var counts: [String: Int] = [:]
    var kept: [Finding] = []
    for finding in findings {
      counts[finding.code, default: 0] += 1
      if counts[finding.code, default: 0] <= most { kept.append(finding) }
    }
    for (code, count) in counts.sorted(by: { $0.key < $1.key }) where count > most {
      let severity = findings.first { $0.code == code }?.severity ?? .warning
      kept.append(Finding(code, severity, "JetStream", "\(count - most) more findings of this kind (\(code)).", link: "/jsz?streams=1"))
    }
    return kept
  }
}
