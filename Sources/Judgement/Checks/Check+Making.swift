import SystemAPI
import SystemModel

/// How rows of the table are made: each looks at one kind of thing.
extension Check {
  static func streams(
    _ code: String, _ severities: Severity..., title: String, remedy: String, needs: [Need] = [], thresholds: [Threshold] = [],
    others: [OtherCode] = [], lookBack: LookBack? = nil, _ judge: @escaping @Sendable (StreamFacts, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .stream, severities: severities, title: title, remedy: remedy, needs: [.streams] + needs, thresholds: thresholds,
      others: others, lookBack: lookBack,
      look: .streams { stream, system, tell in
        if let fault = judge(stream, system) { tell(fault) }
      })
  }

  /// As ``streams``, for checks that may find several faults of one stream: of its replicas, of its sources.
  static func streamParts(
    _ code: String, _ severities: Severity..., title: String, remedy: String, needs: [Need] = [], thresholds: [Threshold] = [],
    others: [OtherCode] = [], lookBack: LookBack? = nil, _ judge: @escaping @Sendable (StreamFacts, JudgedSystem, (Fault) -> Void) -> Void
  ) -> Check {
    Check(
      code: code, about: .stream, severities: severities, title: title, remedy: remedy, needs: [.streams] + needs, thresholds: thresholds,
      others: others, lookBack: lookBack, look: .streams(judge))
  }

  static func consumers(
    _ code: String, _ severities: Severity..., title: String, remedy: String, needs: [Need] = [], thresholds: [Threshold] = [],
    others: [OtherCode] = [], lookBack: LookBack? = nil, _ judge: @escaping @Sendable (ConsumerFacts, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .consumer, severities: severities, title: title, remedy: remedy, needs: [.consumers] + needs,
      thresholds: thresholds, others: others, lookBack: lookBack, look: .consumers(judge))
  }

  /// Looks at one document of each server.
  static func servers(
    _ code: String, _ severities: Severity..., of document: Need, title: String, remedy: String, needs: [Need] = [],
    thresholds: [Threshold] = [], others: [OtherCode] = [], lookBack: LookBack? = nil,
    followsNames: Bool = false,
    _ judge: @escaping @Sendable (DocumentReply, JudgedSystem, (Fault) -> Void) -> Void
  ) -> Check {
    Check(
      code: code, about: .server, severities: severities, title: title, remedy: remedy, needs: [document] + needs, thresholds: thresholds,
      others: others, lookBack: lookBack, followsNames: followsNames
    ) { system, found in
      for reply in system[document] { judge(reply, system) { found.add($0, reply.server.subject) } }
    }
  }

  /// Looks at JetStream of each server.
  static func jetStreamServers(
    _ code: String, _ severities: Severity..., title: String, remedy: String, needs: [Need] = [], thresholds: [Threshold] = [],
    others: [OtherCode] = [], lookBack: LookBack? = nil, _ judge: @escaping @Sendable (JetStreamFacts.Server, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .server, severities: severities, title: title, remedy: remedy, needs: [.streams] + needs, thresholds: thresholds,
      others: others, lookBack: lookBack
    ) { system, found in
      for server in system.jetStream.servers {
        if let fault = judge(server, system) { found.add(fault, server.server.subject) }
      }
    }
  }
}

extension StreamFacts {
  var subject: Subject {
    var subject = Subject(.stream)
    (subject.account, subject.stream, subject.cluster) = (key.account, key.name, cluster)
    return subject
  }
}

extension ConsumerFacts {
  var subject: Subject {
    var subject = Subject(.consumer)
    (subject.account, subject.stream, subject.consumer) = (stream.account, stream.name, name)
    subject.cluster = raft?.cluster ?? ""
    return subject
  }
}

extension ServerDescription {
  var subject: Subject {
    var subject = Subject(.server)
    (subject.server, subject.serverID, subject.cluster) = (name, id, cluster)
    return subject
  }
}

extension Subject {
  /// A server of which others tell by its name.
  ///
  /// - Parameter cluster: Empty where it may be in any.
  static func server(_ name: String, in cluster: String = "", _ system: JudgedSystem) -> Subject {
    var subject = Subject(.server)
    (subject.server, subject.cluster) = (name, cluster)
    let known = system.servers.filter { $0.name == name && (cluster.isEmpty || $0.cluster == cluster) }
    let alive = known.filter(\.standing.isExpected)
    // Of several nobody knows which is meant.
    guard let one = alive.isEmpty ? known.first : alive.first, alive.count < 2 else { return subject }
    (subject.serverID, subject.cluster) = (one.id, one.cluster)
    return subject
  }
}
