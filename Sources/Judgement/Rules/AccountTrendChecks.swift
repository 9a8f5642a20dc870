import Wire

/// How accounts go over time.
extension Check {
  /// What has become of an account's connections, with its name.
  private static func falls(
    _ code: String, title: String, remedy: String, _ judge: @escaping @Sendable (String, _ most: Int, _ now: Int, _ over: String) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .account, severities: [.warning], title: title, remedy: remedy, needs: [.accstatz], thresholds: [], others: [],
      lookBack: LookBack(.accounts, over: .trendMinutes)
    ) { system, found in
      // Where not everybody answered it is not known who is left.
      guard system.lacking[.accstatz] == nil else { return }
      let window = system.trendWindow(.trendMinutes)
      let over = system.trends.accounts.known(window).span.text
      let names = Dictionary(system.traffic.map { ($0.id, $0.name) }) { first, _ in first }
      for fall in system.trends.accounts.falls(window, of: \.connections).sorted(by: { $0.key < $1.key }) {
        if let fault = judge(names[fall.key] ?? fall.key, fall.most, fall.now, over) { found.add(fault, .account(fall.key)) }
      }
    }
  }

  private static func overTime(
    _ code: String, _ severity: Severity, title: String, remedy: String, thresholds: [Threshold] = [], over: Threshold,
    _ judge: @escaping @Sendable (AccountTraffic, Track<AccountTrend>, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .account, severities: [severity], title: title, remedy: remedy, needs: [.accstatz], thresholds: thresholds,
      others: [], lookBack: LookBack(.accounts, over: over, least: 5)
    ) { system, found in
      for account in system.traffic {
        guard let track = system.trends.accounts.track(account.id, system.trendWindow(over)), let fault = judge(account, track, system)
        else { continue }
        found.add(fault, .account(account.id))
      }
    }
  }

  static let ofAccountsOverTime: [Check] = [
    .falls(
      "account_vanished", title: "All connections of an account are gone.", remedy: "Its clients, or its credentials."
    ) { name, most, now, over in
      guard most >= 5, now == 0 else { return nil }
      return Fault(.warning, "Account \(name) had \(most) connections within \(over), and has none.", [("before", .count(most))])
    },
    .falls(
      "account_connections_lost", title: "An account has lost half of its connections or more.",
      remedy: "Its clients, its credentials, or the network that they come from: /closed?acc=… tells why."
    ) { name, most, now, over in
      guard most >= 10, now > 0, now * 2 <= most else { return nil }
      return Fault(
        .warning, "Account \(name) has \(now) connections, and had \(most) within \(over).",
        [("connections", .count(now)), ("most", .count(most))])
    },
    .overTime(
      "account_connections_rise", .warning, title: "An account's connections only rise.",
      remedy: "A client that connects anew and does not close: /connections?acc=… tells who.", thresholds: [.leakGrowth], over: .leakHours
    ) { account, track, system in
      guard track.rises(\.connections), Leak.isOne(track, \.connections, from: 100, system) else { return nil }
      return Fault(
        .warning,
        """
        The connections of account \(account.name) have only risen over \(track.text), from \(track.first.connections) to \
        \(track.last.connections).
        """, Leak.evidence(track, \.connections))
    },
    .overTime(
      "account_idle", .info, title: "The clients of an account neither send nor get anything.",
      remedy: "Stop them, or find out whom they wait for.", over: .idleHours
    ) { account, track, _ in
      guard account.connections > 0, track.stands(\.messages), track.figures.allSatisfy({ $0.connections > 0 }) else { return nil }
      return Fault(
        .info, "The \(account.connections) connections of account \(account.name) have sent and got nothing for \(track.text).",
        [("connections", .count(account.connections))])
    },
  ]
}
