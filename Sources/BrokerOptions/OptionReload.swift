import BrokerCore
import Wire

/// What a reload changes, in the words of the log.
public struct OptionChanges: Sendable, Equatable {
  /// One line for each change, such as `Reloaded: max_payload = 1024`.
  public var lines: [String] = []
}

/// Why a reload was refused; nothing has been changed.
public struct OptionReloadError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

extension BrokerOptions {
  /// Compares running options with newly read ones.
  ///
  /// - Throws: The first change that needs a restart.
  public func changes(to new: BrokerOptions) throws(OptionReloadError) -> OptionChanges {
    var changes = OptionChanges()
    for option in Self.table.options { try compare(option, new, &changes) }
    try compareOperatorMode(new, &changes)
    compareBlocks(new, &changes)
    if broker.leafNodes?.host != new.broker.leafNodes?.host || broker.leafNodes?.port != new.broker.leafNodes?.port {
      throw Self.unsupported("LeafNode", Self.leafText(broker.leafNodes), Self.leafText(new.broker.leafNodes))
    }
    return changes
  }

  private func compare(_ option: Option<BrokerOptions>, _ new: BrokerOptions, _ changes: inout OptionChanges) throws(OptionReloadError) {
    guard let shown = option.shown else { return }
    let (before, after) = (shown(self), shown(new))
    guard before != after else { return }
    switch option.reload {
    case .yes:
      changes.lines.append(Self.told(option.name, after))
    case .partly where option.name == "no_auth_user" && after.isEmpty && !new.hasUser(before):
      changes.lines.append("Reloaded: no_auth_user removed")
    default:
      throw Self.unsupported(option.field, before, after)
    }
  }

  /// A change in nats-server's words, some of which name no value.
  private static func told(_ name: String, _ value: String) -> String {
    switch name {
    case "client_advertise": "Reload: \(name) = \(value)"
    case "server_tags": "Reloaded: tags"
    case "server_metadata": "Reloaded: metadata"
    case "no_fast_producer_stall": "Reloaded: fast producers will \(value == "true" ? "not " : "")be stalled"
    default: "Reloaded: \(name) = \(value)"
    }
  }

  /// Without a point where there is nothing behind it.
  private static func number(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }

  private func hasUser(_ name: String) -> Bool {
    (broker.authorization.users + broker.accounts.flatMap(\.users)).contains { $0.user == name || $0.nkey == name }
  }

  private func compareOperatorMode(_ new: BrokerOptions, _ changes: inout OptionChanges) throws(OptionReloadError) {
    let (old, next) = (operatorMode, new.operatorMode)
    if (old.resolver == nil) != (next.resolver == nil) {
      throw OptionReloadError("config reload does not support moving to or from an account resolver")
    }
    if old.resolver != next.resolver || old.resolverTLS != next.resolverTLS { changes.lines.append("Reloaded: account resolver") }
    if !old.preload.elementsEqual(next.preload, by: ==) { changes.lines.append("Reloaded: resolver_preload") }
  }

  private func compareBlocks(_ new: BrokerOptions, _ changes: inout OptionChanges) {
    let (old, next) = (broker.authorization, new.broker.authorization)
    if old.user != next.user { changes.lines.append("Reloaded: authorization username") }
    if old.password != next.password { changes.lines.append("Reloaded: authorization password") }
    if old.token != next.token { changes.lines.append("Reloaded: authorization token") }
    if old.timeout != next.timeout { changes.lines.append("Reloaded: authorization timeout = \(Self.number(next.timeout ?? 2))") }
    if old.callout != next.callout { changes.lines.append("Reloaded: authorization callout") }
    // Those two are put in force by each reload, and nats-server says so by each.
    if new.hasKeysInAccounts || !keys.elementsEqual(new.keys) { changes.lines.append("Reloaded: authorization nkey users") }
    changes.lines += ["Reloaded: authorization users", "Reloaded: accounts"]
    if broker.clusterName != new.broker.clusterName {
      changes.lines += ["Cluster name updated to \(new.broker.clusterName ?? "")", "Reloaded: cluster"]
    }
    if broker.tls != new.broker.tls { changes.lines.append("Reloaded: tls = \(new.broker.tls == nil ? "disabled" : "enabled")") }
    if broker.leafNodes != new.broker.leafNodes || broker.leafRemotes != new.broker.leafRemotes
      || broker.leafReconnect != new.broker.leafReconnect
    {
      changes.lines.append("Reloaded: leafnodes")
    }
  }

  /// Public keys of users, where they are named.
  private var keys: [String] { broker.authorization.users.compactMap(\.nkey) }
  private var hasKeysInAccounts: Bool { broker.accounts.contains { $0.users.contains { $0.nkey != nil } } }

  private static func leafText(_ leaf: LeafListenerConfiguration?) -> String {
    leaf.map { "\($0.host):\(shownPort($0.port))" } ?? "off"
  }

  private static func unsupported(_ field: String, _ old: String, _ new: String) -> OptionReloadError {
    OptionReloadError("config reload not supported for \(field): old=\(old), new=\(new)")
  }
}
