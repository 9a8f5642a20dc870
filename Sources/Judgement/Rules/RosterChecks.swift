import SystemModel
import Wire

/// Who is there, as the gateway believes.
extension Check {
  private static func roster(
    _ code: String, _ severity: Severity, _ eased: Severity..., title: String, remedy: String, others: [OtherCode] = [],
    _ judge: @escaping @Sendable (JudgedServer, Span?, JudgedSystem) -> String?
  ) -> Check {
    Check(
      code: code, about: .server, severities: [severity] + eased, title: title, remedy: remedy, needs: [.roster], thresholds: [],
      others: others
    ) { system, found in
      for server in system.servers {
        let silence = server.lastSeen.map { max(.zero, system.now - $0) }
        guard let sentence = judge(server, silence, system) else { continue }
        var fault = Fault(severity, sentence, silence.map { [("silent_seconds", .number(Double($0.wholeSeconds)))] } ?? [])
        if server.standing != .slow, server.standing != .awaited { fault.since = server.lastSeen }
        // Whoever was reached over a server that was taken out looks for another way.
        if !eased.isEmpty, let silence, silence < JudgedSystem.heartbeat {
          fault = system.eased(fault, system.cameBack.filter { $0 != server.name })
        }
        found.add(fault, server.subject)
      }
    }
  }

  static let ofRoster: [Check] = [
    Check(
      code: "not_connected", about: .gateway, severities: [.critical], title: "The gateway is not connected to the NATS system.",
      remedy: "See to the servers that --server names, and to the credentials.", needs: [.connection], thresholds: [], others: []
    ) { system, found in
      guard !system.isConnected else { return }
      let why = system.connectionReason.isEmpty ? "" : ": \(system.connectionReason)"
      found.add(Fault(.critical, "The gateway is not connected to the NATS system\(why)."), Subject(.gateway))
    },
    Check(
      code: "record_failing", about: .gateway, severities: [.warning], title: "The gateway records nothing.",
      remedy: "The sentence says why: a full disk, a stream that is full or away. It goes on by itself.", needs: [.connection],
      thresholds: [], others: []
    ) { system, found in
      guard let trouble = system.recordTrouble else { return }
      var fault = Fault(.warning, "Nothing is being recorded: \(trouble.sentence).")
      fault.since = trouble.since
      found.add(fault, Subject(.gateway))
    },
    Check(
      code: "notify_failing", about: .gateway, severities: [.warning], title: "A receiver of --notify gets no news.",
      remedy: "The sentence says why: see to the receiver, and to the URL. What waits is delivered in order once it can be, for an hour.",
      needs: [.connection], thresholds: [], others: []
    ) { system, found in
      for trouble in system.notifyTroubles {
        var fault = Fault(.warning, "News cannot be delivered to \(trouble.target): \(trouble.sentence).", part: trouble.target)
        fault.since = trouble.since
        found.add(fault, Subject(.gateway))
      }
    },
    .roster(
      "server_suspect", .critical, .warning, title: "A server that should be there is silent.",
      remedy: "See whether it runs, and whether the others reach it. One that is gone for good is forgotten with /servers' advice."
    ) { server, silence, _ in
      guard case .suspect(let suspicion) = server.standing else { return nil }
      // One that was heard a moment ago is not silent: it cannot be reached.
      guard let silence, silence < JudgedSystem.heartbeat else {
        return silence == nil ? "\(server.name) has never been heard." : "\(server.name) is no longer heard."
      }
      let why = suspicion == .noRoute ? "nobody knows a way to it" : "it does not answer"
      return "\(server.name) was heard a moment ago, but cannot be reached: \(why)."
    },
    .roster(
      "server_awaited", .critical, title: "A server that was declared with --expect has not been seen yet.",
      remedy: "Start it, or declare it no longer."
    ) { server, _, _ in
      server.standing == .awaited ? "\(server.name) is expected and has not been seen yet." : nil
    },
    .roster(
      "server_slow", .warning, title: "A server lives, but answers slowly.", remedy: "Look at its CPU, and at what it is asked for."
    ) { server, _, _ in
      server.standing == .slow ? "\(server.name) lives, but answers slowly." : nil
    },
    .roster(
      "server_lame_duck", .info, title: "A server is in lame duck mode.", remedy: "Nothing, where it was meant."
    ) { server, _, _ in
      server.standing == .lameDuck ? "\(server.name) is in lame duck mode: it takes no new clients and is going to stop." : nil
    },
    .roster(
      "server_gone", .info, title: "A server has left, and has not come back.", remedy: "Nothing, where it was meant."
    ) { server, silence, system in
      // A server that left in order is news for a while; one that was replaced by its own restart is not.
      guard case .gone = server.standing, let silence, silence < system.window, !system.hasHeir(server) else { return nil }
      return "\(server.name) is gone: \(server.standing.reason)."
    },
    Check(
      code: "unknown_servers", about: .system, severities: [.warning],
      title: "Servers count more servers than the gateway has heard of.",
      remedy: "See whether some of them cannot be reached, or answer no requests of the system account.", needs: [.roster], thresholds: [],
      others: []
    ) { system, found in
      let count = system.unknownServers
      guard count > 0 else { return }
      found.add(
        Fault(
          .warning, "The servers know \(count) more \(count == 1 ? "server" : "servers") than the gateway has heard of.",
          [("count", .count(count))]),
        Subject(.system))
    },
  ]

  static let ofHeard: [Check] = [
    Check(
      code: "slow_consumers", about: .server, severities: [.warning], title: "A server has cut off clients that read too slowly.",
      remedy: "Faster handlers, more members of a queue group; a larger max_pending buys time only.", needs: [.heard],
      thresholds: [.slowConsumers, .minutes],
      others: [.audit("SERVER_004"), .insights("SERVER_004")]
    ) { system, found in
      for server in system.servers {
        guard let count = server.facts.slowConsumers, count >= UInt64(system.thresholds[.slowConsumers]) else { continue }
        let client = server.facts.slowClient
        let sentence =
          "\(server.name) has cut off \(count) slow \(count == 1 ? "consumer" : "consumers") within \(system.thresholds[.minutes]) minutes"
        var fault = Fault(
          .warning, "\(sentence)\(client.isEmpty ? "" : ", first: \(client)").",
          [("slow_consumers", .number(Double(count)))] + (client.isEmpty ? [] : [("first", .text(client))]))
        fault.client = client
        found.add(fault, server.subject)
      }
    },
    Check(
      code: "logins_refused", about: .server, severities: [.warning], title: "A server has refused many logins.",
      remedy: "/closed?reason=Authentication tells who: wrong credentials in a loop, or somebody who guesses.", needs: [.heard],
      thresholds: [.refusedLogins, .minutes], others: [.insights("CONN_003")]
    ) { system, found in
      for server in system.servers where server.facts.refusedLogins >= system.thresholds[.refusedLogins] {
        let client = server.facts.refusedClient
        let sentence = "\(server.name) has refused \(server.facts.refusedLogins) logins within \(system.thresholds[.minutes]) minutes"
        var fault = Fault(
          .warning, "\(sentence)\(client.isEmpty ? "" : ", most of \(client)").",
          [("refused", .count(server.facts.refusedLogins))] + (client.isEmpty ? [] : [("most", .text(client))]))
        fault.client = client
        found.add(fault, server.subject)
      }
    },
  ]
}
