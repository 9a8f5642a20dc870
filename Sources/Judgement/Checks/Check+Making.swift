import SystemAPI

/// How rows of the table are made: each looks at one kind of thing.
extension Check {
  static func streams(
    _ code: String, _ severities: Severity..., title: String, remedy: String, needs: [Need] = [], thresholds: [Threshold] = [],
    others: [OtherCode] = [], lookBack: LookBack? = nil, _ judge: @escaping @Sendable (StreamFacts, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .stream, severities: severities, title: title, remedy: remedy, needs: [.streams] + needs, thresholds: thresholds,
      others: others, lookBack: lookBack
    ) { system, found in
      // By their places: a copy of each for each check would take longer than most checks.
      let streams = system.jetStream.streams
      for place in streams.indices {
        if let fault = judge(streams[place], system) { found.add(fault, streams[place].subject) }
      }
    }
  }

  /// As ``streams``, for checks that may find several faults of one stream: of its replicas, of its sources.
  static func streamParts(
    _ code: String, _ severities: Severity..., title: String, remedy: String, needs: [Need] = [], thresholds: [Threshold] = [],
    others: [OtherCode] = [], lookBack: LookBack? = nil, _ judge: @escaping @Sendable (StreamFacts, JudgedSystem, (Fault) -> Void) -> Void
  ) -> Check {
    Check(
      code: code, about: .stream, severities: severities, title: title, remedy: remedy, needs: [.streams] + needs, thresholds: thresholds,
      others: others, lookBack: lookBack
    ) { system, found in
      let streams = system.jetStream.streams
      for place in streams.indices { judge(streams[place], system) { found.add($0, streams[place].subject) } }
    }
  }

  static func consumers(
    _ code: String, _ severities: Severity..., title: String, remedy: String, needs: [Need] = [], thresholds: [Threshold] = [],
    others: [OtherCode] = [], lookBack: LookBack? = nil, _ judge: @escaping @Sendable (ConsumerFacts, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .consumer, severities: severities, title: title, remedy: remedy, needs: [.consumers] + needs,
      thresholds: thresholds, others: others, lookBack: lookBack
    ) { system, found in
      let consumers = system.jetStream.consumers
      for place in consumers.indices {
        if let fault = judge(consumers[place], system) { found.add(fault, consumers[place].subject) }
      }
    }
  }

  /// Looks at one document of each server.
  static func servers(
    _ code: String, _ severities: Severity..., of document: Need, title: String, remedy: String, needs: [Need] = [],
    thresholds: [Threshold] = [], others: [OtherCode] = [], lookBack: LookBack? = nil,
    _ judge: @escaping @Sendable (DocumentReply, JudgedSystem, (Fault) -> Void) -> Void
  ) -> Check {
    Check(
      code: code, about: .server, severities: severities, title: title, remedy: remedy, needs: [document] + needs, thresholds: thresholds,
      others: others, lookBack: lookBack
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
    (subject.account, subject.stream, subject.cluster) = (key.account, key.name, raft?.cluster ?? "")
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
  static func server(_ name: String, _ system: JudgedSystem) -> Subject {
    var subject = Subject(.server)
    subject.server = name
    guard let known = system.servers.first(where: { $0.name == name }) else { return subject }
    (subject.serverID, subject.cluster) = (known.id, known.cluster)
    return subject
  }
}
