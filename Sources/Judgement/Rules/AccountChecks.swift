import SystemAPI
import Wire

/// Accounts: how near they are to their limits, and what they import and export.
extension Check {
  /// Details of each account, with the servers that told of it.
  private static func accounts(
    _ code: String, _ severities: Severity..., title: String, remedy: String, thresholds: [Threshold] = [], others: [OtherCode],
    _ judge: @escaping @Sendable (AccountView, JudgedSystem, (Fault) -> Void) -> Void
  ) -> Check {
    Check(
      code: code, about: .account, severities: severities, title: title, remedy: remedy, needs: [.accounts], thresholds: thresholds,
      others: others
    ) { system, found in
      for account in system.accounts { judge(account, system) { found.add($0, .account(account.id)) } }
    }
  }

  private static func limit(
    _ code: String, _ member: String, _ limit: String, _ what: String, others: [OtherCode]
  ) -> Check {
    .accounts(
      code, .critical, .warning, title: "An account has nearly as many \(what) as it may.",
      remedy: "Find who opens so many, or raise the limit in its claims.", thresholds: Share.thresholds, others: others
    ) { account, system, tell in
      guard let share = Share(account.sum(member), of: account.claimLimit(limit), system.thresholds) else { return }
      tell(Fault(share.severity, "Account \(account.name) has \(share.percent) % of the \(what) it may.", share.evidence))
    }
  }

  static let ofAccounts: [Check] = [
    .limit(
      "account_connections_near_limit", "client_connections", "conn", "connections",
      others: [.audit("ACCOUNTS_001"), .insights("ACCOUNTS_001")]),
    .limit(
      "account_leafnodes_near_limit", "leafnode_connections", "leaf", "leaf node connections", others: [.audit("ACCOUNTS_001")]),
    .limit(
      "account_subscriptions_near_limit", "subscriptions", "subs", "subscriptions",
      others: [.audit("ACCOUNTS_001"), .insights("ACCOUNTS_006")]),
    .accounts(
      "account_expired", .critical, title: "An account's token has expired: nobody can log in.",
      remedy: "Push a newer token.", others: []
    ) { account, _, tell in
      guard account.replies.contains(where: { $0["expired"]?.bool == true }) else { return }
      tell(Fault(.critical, "The token of account \(account.name) has expired."))
    },
    .accounts(
      "import_invalid", .critical, title: "An import of an account has no effect.",
      remedy: "A new activation token, or the export that is no more.", others: [.insights("ACCOUNTS_003")]
    ) { account, _, tell in
      for item in account.newest["imports"]?.elements ?? [] where item["invalid"]?.bool == true {
        let subject = item["subject"]?.string ?? ""
        tell(
          Fault(
            .critical, "The import of \(subject) from account \(item["account"]?.string ?? "") by account \(account.name) has no effect.",
            part: subject, [("subject", .text(subject))]))
      }
    },
    .accounts(
      "account_token_large", .info, title: "An account's JWT is large: servers read it whole for each change.",
      remedy: "Prune revocations, permissions, signing keys.", thresholds: [.tokenBytes], others: [.insights("OPT_ACCT_002")]
    ) { account, system, tell in
      guard let size = account.newest["jwt"]?.string?.utf8.count, size > system.thresholds[.tokenBytes] else { return }
      tell(Fault(.info, "The JWT of account \(account.name) has \(size) bytes.", [("bytes", .count(size))]))
    },
    .accounts(
      "account_unlimited_jetstream", .info, title: "An account may use as much JetStream as it likes.",
      remedy: "Set its limits: one account can fill the disks of all.", others: [.insights("OPT_SYS_008")]
    ) { account, _, tell in
      guard account.newest["jetstream_enabled"]?.bool == true, account.newest["is_system"]?.bool != true else { return }
      let limits = account.newest["jetstream_limits"]?.memberRanges.map { JSONView(bytes: account.newest.bytes, range: $0.value) } ?? []
      guard !limits.isEmpty, limits.allSatisfy({ ($0["max_memory"]?.int ?? -1) < 0 && ($0["max_storage"]?.int ?? -1) < 0 }) else {
        return
      }
      tell(Fault(.info, "Account \(account.name) may use as much JetStream memory and disk as it likes."))
    },
    Check(
      code: "export_unused", about: .account, severities: [.info], title: "Nobody imports what an account exports.",
      remedy: "Remove the export if it was for nobody else.", needs: [.accounts], thresholds: [], others: [.insights("ACCOUNTS_004")]
    ) { system, found in
      // Who of those that were not looked at imports it is not known.
      guard system.lacking[.accounts] == nil else { return found.leaveUndecided() }
      let accounts = system.accounts
      let imported = accounts.flatMap { account in
        (account.newest["imports"]?.elements ?? []).map { ($0["account"]?.string ?? "", $0["subject"]?.string ?? "") }
      }
      for account in accounts where account.newest["is_system"]?.bool != true {
        for export in account.newest["exports"]?.elements ?? [] {
          let subject = export["subject"]?.string ?? ""
          guard !subject.isEmpty, !imported.contains(where: { $0.0 == account.id && SubjectOverlap.overlap($0.1, subject) }) else {
            continue
          }
          found.add(
            Fault(.info, "Nobody imports \(subject), which account \(account.name) exports.", part: subject, [("subject", .text(subject))]),
            .account(account.id))
        }
      }
    },
  ]

  private static func traffic(
    _ code: String, _ severity: Severity, title: String, remedy: String, needs: [Need] = [], thresholds: [Threshold] = [],
    others: [OtherCode], _ judge: @escaping @Sendable (AccountTraffic, JudgedSystem) -> Fault?
  ) -> Check {
    Check(
      code: code, about: .account, severities: [severity], title: title, remedy: remedy, needs: [.accstatz] + needs,
      thresholds: thresholds, others: others
    ) { system, found in
      for account in system.traffic {
        if let fault = judge(account, system) { found.add(fault, .account(account.id)) }
      }
    }
  }

  static let ofAccountTraffic: [Check] = [
    .traffic(
      "account_slow_consumers", .warning, title: "Clients of an account were cut off because they read too slowly.",
      remedy: "That tenant's handlers.", needs: [.before], others: [.insights("ACCOUNTS_002")]
    ) { account, system in
      guard let earlier = system.before?.traffic[account.id], account.slowConsumers > earlier.slowConsumers else { return nil }
      let count = account.slowConsumers - earlier.slowConsumers
      return Fault(
        .warning,
        "\(count) slow \(count == 1 ? "consumer" : "consumers") of account \(account.name) \(count == 1 ? "was" : "were") cut off.",
        [("slow_consumers", .count(count))])
    },
    .traffic(
      "account_on_one_server", .info, title: "Nearly all connections of an account are on one server.",
      remedy: "Let its clients shuffle their server lists.", thresholds: [.accountShare], others: [.insights("OPT_BALANCE_006")]
    ) { account, system in
      guard system[.accstatz].count >= 3, account.connections >= 10,
        let most = account.servers.max(by: { $0.connections < $1.connections }),
        Double(most.connections) * 100 > Double(account.connections) * Double(system.thresholds[.accountShare])
      else { return nil }
      return Fault(
        .info, "\(most.connections) of the \(account.connections) connections of account \(account.name) are on \(most.server).",
        [("connections", .count(most.connections)), ("all", .count(account.connections))])
    },
    .traffic(
      "account_over_gateways", .info, title: "Much of an account's traffic crosses gateways.",
      remedy: "Place its streams where its clients are.", thresholds: [.gatewayShare], others: [.insights("OPT_PLACE_?")]
    ) { account, system in
      guard account.bytes >= 1 << 20, account.gatewayBytes > 0,
        Double(account.gatewayBytes) * 100 > Double(account.bytes) * Double(system.thresholds[.gatewayShare])
      else { return nil }
      return Fault(
        .info,
        "\(Amount.of(Double(account.gatewayBytes) / Double(account.bytes) * 100)) % of the bytes of account \(account.name) cross gateways.",
        [("gateway_bytes", .count(account.gatewayBytes)), ("bytes", .count(account.bytes))])
    },
  ]
}
