import BrokerCore
import Identity
import Reactor
import Wire

extension BrokerOptions {
  /// What makes these options impossible to start with, in one sentence each, as nats-server words it.
  ///
  /// Certificates are read; nothing else outside is touched.
  public func validate() -> [String] {
    var errors: [String] = []
    checkNumbers(&errors)
    checkUsers(&errors)
    checkOperatorMode(&errors)
    checkMonitoring(&errors)
    checkCertificates(&errors)
    checkLeafNodes(&errors)
    checkAdvertised(&errors)
    if errors.isEmpty { checkAccounts(&errors) }
    return errors
  }

  private func checkNumbers(_ errors: inout [String]) {
    let timers = broker.timers
    if timers.lameDuckDuration < 30 {
      errors.append("invalid lame_duck_duration of \(durationText(timers.lameDuckDuration)), minimum is 30 seconds")
    }
    if timers.lameDuckGracePeriod < 0 {
      errors.append("invalid lame_duck_grace_period, needs to be a positive value")
    }
    if timers.lameDuckGracePeriod >= timers.lameDuckDuration {
      errors.append(
        "lame duck grace period (\(durationText(timers.lameDuckGracePeriod))) should be strictly lower than lame duck duration "
          + "(\(durationText(timers.lameDuckDuration)))")
    }
    if broker.limits.maxPayload > broker.limits.maxPending {
      errors.append("max_payload (\(broker.limits.maxPayload)) cannot be higher than max_pending (\(broker.limits.maxPending))")
    }
    if broker.serverName.contains(" ") { errors.append("server name cannot contain spaces") }
    if timers.pingInterval <= 0 { errors.append("ping_interval must be positive, found \(durationText(timers.pingInterval))") }
    if timers.writeDeadline <= 0 { errors.append("write_deadline must be positive, found \(durationText(timers.writeDeadline))") }
    if broker.leafReconnect <= 0 { errors.append("leafnodes reconnect must be positive, found \(durationText(broker.leafReconnect))") }
  }

  private func checkUsers(_ errors: inout [String]) {
    if let conflict = broker.credentialConflict { errors.append(conflict) }
    var names: Set<String> = []
    var keys: Set<String> = []
    for user in broker.authorization.users + broker.accounts.flatMap(\.users) {
      if let nkey = user.nkey {
        if !keys.insert(nkey).inserted { errors.append("Duplicate nkey \"\(nkey)\" detected") }
      } else if !names.insert(user.user).inserted {
        errors.append("Duplicate user \"\(user.user)\" detected")
      }
    }
    if let name = broker.noAuthUser {
      if operatorMode.isConfigured {
        errors.append("no_auth_user not compatible with Trusted Operator")
      } else if !names.contains(name) && !keys.contains(name) {
        errors.append("no_auth_user: \"\(name)\" not present as user or nkey in authorization block or account configuration")
      }
    }
    if let name = broker.systemAccount, !operatorMode.isConfigured, name != "$SYS", !broker.accounts.contains(where: { $0.name == name }) {
      errors.append("error resolving system account: account missing")
    }
  }

  private func checkOperatorMode(_ errors: inout [String]) {
    let mode = operatorMode
    for key in mode.trustedKeys where !KeyPair.isPublicKey(key, .operator) {
      errors.append("trust key \"\(key)\" required to be a valid public operator nkey")
    }
    if !mode.preload.isEmpty, case .url = mode.resolver {
      errors.append("resolver preloads only available for writeable resolver types MEM/DIR/CACHE_DIR")
    }
    if !mode.defaultSentinel.isEmpty { checkSentinel(mode, &errors) }
    guard mode.isConfigured else { return checkCallout(&errors) }
    if broker.authorization.callout != nil { errors.append("operators do not allow authorization callouts to be configured directly") }
    if !mode.trustedKeys.isEmpty && !mode.operators.isEmpty {
      errors.append("conflicting options for 'TrustedKeys' and 'TrustedOperators'")
    }
    if !broker.accounts.isEmpty { errors.append("operators do not allow Accounts to be configured directly") }
    if !broker.authorization.users.isEmpty { errors.append("operators do not allow users to be configured directly") }
  }

  private func checkCallout(_ errors: inout [String]) {
    let known = Set(broker.accounts.map(\.name))
    for name in broker.authorization.callout?.allowedAccounts ?? [] where !known.contains(name) {
      errors.append("auth_callout allowed account \"\(name)\" not found in configured accounts")
    }
  }

  /// Everybody who has no token gets this one, and nobody has its key.
  private func checkSentinel(_ mode: OperatorModeOptions, _ errors: inout [String]) {
    guard mode.isConfigured else { return errors.append("default sentinel requires operators and accounts") }
    guard let claims = try? Token.decode(mode.defaultSentinel, as: UserClaims.self) else {
      return errors.append("default sentinel JWT not valid")
    }
    // The signing key of a user that brings no limits may have them in its scope, which the account's token holds: each login looks there.
    let isScoped = claims.limits.isUnset && !claims.issuerAccount.isEmpty
    if !claims.limits.bearerToken && !isScoped { errors.append("default sentinel must be a bearer token") }
  }

  private func checkMonitoring(_ errors: inout [String]) {
    if monitoring.port != nil, monitoring.httpsPort != nil {
      let (http, https) = (shownPort(monitoring.port), shownPort(monitoring.httpsPort))
      errors.append("can't specify both HTTP (\(http)) and HTTPs (\(https)) ports")
    }
    if monitoring.httpsPort != nil, broker.tls == nil { errors.append("TLS cert and key required for HTTPS") }
  }

  private func checkCertificates(_ errors: inout [String]) {
    do throws(TLSError) {
      for tls in [broker.tls, broker.leafNodes?.tls].compactMap(\.self) { _ = try TLSContext.server(tls.options) }
      for tls in broker.leafRemotes.compactMap(\.tls) { _ = try TLSContext.client(tls.options) }
    } catch {
      errors.append("\(error)")
    }
  }

  /// Peers go where they are told to: what is no address would lose them.
  private func checkAdvertised(_ errors: inout [String]) {
    for (name, text) in [("client_advertise", broker.clientAdvertise), ("leafnodes advertise", broker.leafNodes?.advertise)] {
      guard let text, !AdvertisedAddress.isGood(text) else { continue }
      errors.append("\(name): expected a host, a port behind a colon, or both, found \"\(text)\"")
    }
  }

  /// Accounts that leaf nodes go into, on either side of the link.
  private func checkLeafNodes(_ errors: inout [String]) {
    let rules = broker.leafNodes?.authorization ?? .init()
    guard operatorMode.isConfigured else {
      var known = Set(broker.accounts.map(\.name) + ["$G"])
      if !broker.noSystemAccount { known.insert("$SYS") }
      for name in [rules.account].compactMap(\.self) + rules.users.compactMap(\.account) where !known.contains(name) {
        errors.append("cannot find local account \"\(name)\" specified in leafnode authorization")
      }
      for remote in broker.leafRemotes where !known.contains(remote.localAccount) {
        errors.append("cannot find local account \"\(remote.localAccount)\" specified in leafnode remote")
      }
      return
    }
    if !rules.users.isEmpty { errors.append("operator mode does not allow specifying users in leafnode config") }
    for remote in broker.leafRemotes where !KeyPair.isPublicKey(remote.localAccount, .account) {
      errors.append(
        "operator mode requires account nkeys in remotes. Please add an `account` key to each remote in your `leafnodes` section, to assign "
          + "it to an account. Each account value should be a 56 character public key, starting with the letter 'A'")
    }
    if let account = rules.account, !KeyPair.isPublicKey(account, .account) {
      errors.append("operator mode and non account nkeys are incompatible")
    }
  }

  /// Imports need their exporter; the core checks the same again with everything else it knows when it starts.
  private func checkAccounts(_ errors: inout [String]) {
    let exporters = Dictionary(broker.accounts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for account in broker.accounts {
      for export in account.exports {
        // Measurements would be requests of the account's own.
        if let subject = export.latency?.subject, account.exports.contains(where: { $0.kind == .service && Self.covers(subject, $0) }) {
          errors.append(
            "Error adding service latency sampling for \"\(export.subject)\" on subject \"\(subject)\": invalid publish subject")
        }
        for name in export.accounts ?? [] where exporters[name] == nil && name != "$G" && name != "$SYS" {
          errors.append("\"\(name)\" account not defined for \(export.kind.rawValue) export")
        }
      }
      for one in account.imports {
        guard let exporter = exporters[one.account] else {
          if one.account != "$G" && one.account != "$SYS" {
            errors.append("\"\(one.account)\" account not defined for \(one.kind.rawValue) import")
          }
          continue
        }
        let permitted = exporter.exports.contains { export in
          export.kind == one.kind && Self.covers(one.subject, export) && (export.accounts?.contains(account.name) ?? true)
        }
        if !permitted {
          errors.append("Error adding \(one.kind.rawValue) import \"\(one.subject)\": \(one.kind.rawValue) import not authorized")
        }
      }
    }
  }

  private static func covers(_ subject: String, _ export: ExportConfiguration) -> Bool {
    Subject.isSubset(Array(subject.utf8), of: Array(export.subject.utf8))
  }
}
