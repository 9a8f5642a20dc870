import SystemAPI
import Wire

/// What is reserved, where leaders are, and what is set in a way that costs.
extension Check {
  static let ofPlacement: [Check] = [
    .streams(
      "consumer_leaders_together", .info, title: "A stream and most of its consumers are led by one server.",
      remedy: "Step some of the consumers' leaders down: one server does all the work.", needs: [.consumers],
      others: [.insights("OPT_BALANCE_007")]
    ) { stream, system in
      guard let leader = stream.raft?.leader, !leader.isEmpty, stream.raft?.size ?? 0 >= 3, stream.state.consumers >= 4 else { return nil }
      let all = system.jetStream.consumers(of: stream.key).filter { ($0.raft?.size ?? 0) >= 3 }
      let here = all.count { $0.raft?.leader == leader }
      guard all.count >= 4, here * 4 > all.count * 3 else { return nil }
      return Fault(
        .info, "\(leader) leads stream \(stream) and \(here) of its \(all.count) consumers.",
        [("leader", .text(leader)), ("consumers", .count(here)), ("all", .count(all.count))])
    },
    .streams(
      "stream_long_duplicate_window", .info, title: "A stream remembers the ids of messages for long.",
      remedy: "duplicate_window as long as publishers try again; each id takes memory.", thresholds: [.duplicateMinutes],
      others: [.insights("OPT_SYS_019")]
    ) { stream, system in
      guard let window = stream.settings?.duplicateWindow, stream.state.messages > 0,
        window > .wholeSeconds(Int64(system.thresholds[.duplicateMinutes]) * 60)
      else { return nil }
      return Fault(
        .info, "Stream \(stream) remembers the ids of its messages for \(window.text).", [("seconds", .number(Double(window.wholeSeconds)))]
      )
    },
    .jetStreamServers(
      "jetstream_reservation_full", .warning, title: "What is reserved of a server's disk is nearly used up.",
      remedy: "Purge or let age out what streams keep, or give them a larger max_bytes.", thresholds: [.atLimit],
      others: [.insights("SERVER_017")]
    ) { server, system in
      // Streams without max_bytes reserve nothing.
      guard server.reservedStorage > 0, server.storage <= server.reservedStorage,
        Double(server.storage) * 100 >= Double(server.reservedStorage) * Double(system.thresholds[.atLimit])
      else { return nil }
      return Fault(
        .warning,
        "JetStream on \(server.server.name) uses \(server.storage) of the \(server.reservedStorage) bytes of disk that are reserved.",
        [("used", .count(server.storage)), ("reserved", .count(server.reservedStorage))])
    },
    Check(
      code: "account_reservation_near_limit", about: .account, severities: [.warning],
      title: "The streams of an account may grow to nearly all that it may keep.",
      remedy: "A smaller max_bytes of some, fewer replicas, or more for the account.", needs: [.streams], thresholds: [.nearLimit],
      others: [.insights("OPT_ACCT_001")]
    ) { system, found in
      var sums: [String: Int] = [:]
      for stream in system.jetStream.streams {
        guard let settings = stream.settings, settings.storage == .file, let bytes = settings.maxBytes else { continue }
        let may = Double(sums[stream.key.account] ?? 0) + Double(bytes) * Double(settings.replicas)
        sums[stream.key.account] = Amount.of(may)
      }
      for account in system.jetStream.accounts {
        guard let sum = sums[account.id], let limit = account.mayUseStorage,
          Double(sum) * 100 >= Double(limit) * Double(system.thresholds[.nearLimit])
        else { continue }
        let name = account.name.isEmpty ? account.id : account.name
        found.add(
          Fault(
            .warning, "The streams of account \(name) may grow to \(sum) bytes; it may keep \(limit).",
            [("reserved", .count(sum)), ("limit", .count(limit))]),
          .account(account.id))
      }
    },
    Check(
      code: "account_assets_near_limit", about: .account, severities: [.critical, .warning],
      title: "An account has nearly as many streams or consumers as it may.",
      remedy: "Delete what nobody uses, or raise the limit in its claims.", needs: [.accounts, .streams], thresholds: Share.thresholds,
      others: [.check("jetstream")]
    ) { system, found in
      var (streams, consumers): ([String: Int], [String: Int]) = ([:], [:])
      for stream in system.jetStream.streams {
        streams[stream.key.account, default: 0] += 1
        consumers[stream.key.account] = Amount.of((consumers[stream.key.account] ?? 0) + stream.state.consumers)
      }
      for account in system.accounts {
        for (kind, used, limit) in [
          ("streams", streams[account.id], account.jetStreamLimit("max_streams")),
          ("consumers", consumers[account.id], account.jetStreamLimit("max_consumers")),
        ] {
          guard let share = Share(used, of: limit, system.thresholds) else { continue }
          found.add(
            Fault(share.severity, "Account \(account.name) has \(share.percent) % of the \(kind) it may.", part: kind, share.evidence),
            .account(account.id))
        }
      }
    },
  ]
}
