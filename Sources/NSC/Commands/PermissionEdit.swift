import Identity

/// The permission flags shared by users, accounts' defaults and scoped signing keys.
public struct PermissionEdit: Sendable {
  public var allowPublish: [String] = []
  public var allowSubscribe: [String] = []
  public var allowBoth: [String] = []
  public var denyPublish: [String] = []
  public var denySubscribe: [String] = []
  public var denyBoth: [String] = []
  public var removed: [String] = []
  /// Number of responses allowed.
  public var responses: String?
  /// How long, such as `2s`.
  public var responseTTL: String?
  public var removeResponses = false
  public init() {}

  public var isEmpty: Bool {
    [allowPublish, allowSubscribe, allowBoth, denyPublish, denySubscribe, denyBoth, removed].allSatisfy(\.isEmpty) && responses == nil
      && responseTTL == nil && !removeResponses
  }
}

/// The limit flags of users and scoped signing keys.
public struct LimitEdit: Sendable {
  public var bearer: Bool?
  public var sources: [String] = []
  public var removedSources: [String] = []
  public var payload: String?
  public var data: String?
  public var subscriptions: String?
  public var connectionTypes: [String] = []
  public var removedConnectionTypes: [String] = []
  /// `hh:mm:ss-hh:mm:ss`.
  public var times: [String] = []
  /// Starts of the windows to remove.
  public var removedTimes: [String] = []
  public var locale: String?
  public init() {}
}

extension NSCTool {
  func apply(_ edit: PermissionEdit, to permissions: inout Permissions) throws {
    add(edit.allowPublish + edit.allowBoth, to: &permissions.publish.allow, "pub")
    add(edit.allowSubscribe + edit.allowBoth, to: &permissions.subscribe.allow, "sub")
    add(edit.denyPublish + edit.denyBoth, to: &permissions.publish.deny, "deny pub")
    add(edit.denySubscribe + edit.denyBoth, to: &permissions.subscribe.deny, "deny sub")
    for subject in edit.removed {
      permissions.publish.allow.removeAll { $0 == subject }
      permissions.publish.deny.removeAll { $0 == subject }
      permissions.subscribe.allow.removeAll { $0 == subject }
      permissions.subscribe.deny.removeAll { $0 == subject }
      report.ok("removed \"\(subject)\" from permissions")
    }
    if edit.removeResponses {
      permissions.response = nil
      report.ok("removed response permissions")
    }
    if let text = edit.responses {
      guard let number = Int64(text) else { throw NSCError("invalid number of responses \"\(text)\"") }
      permissions.response = ResponsePermission(max: number, ttl: permissions.response?.ttl ?? 0)
      report.ok("set max responses to \(number)")
    }
    if let text = edit.responseTTL {
      permissions.response = ResponsePermission(max: permissions.response?.max ?? 1, ttl: try Values.duration(text))
      report.ok("set response ttl to \(text)")
    }
  }

  private func add(_ subjects: [String], to list: inout [String], _ word: String) {
    for subject in subjects where !list.contains(subject) {
      list.append(subject)
      report.ok("added \(word) \"\(subject)\"")
    }
  }

  func apply(_ edit: LimitEdit, to limits: inout UserLimits) throws {
    if let bearer = edit.bearer {
      limits.bearerToken = bearer
      report.ok("changed bearer to \(bearer)")
    }
    if let text = edit.payload {
      limits.payload = try Values.number(text)
      report.ok("changed max payload to \(limits.payload)")
    }
    if let text = edit.data {
      limits.data = try Values.number(text)
      report.ok("changed max data to \(limits.data)")
    }
    if let text = edit.subscriptions {
      limits.subscriptions = try Values.number(text)
      report.ok("changed max number of subscriptions to \(limits.subscriptions)")
    }
    for source in edit.sources where !limits.sources.contains(source) {
      guard NetworkRange(source) != nil else { throw NSCError("invalid cidr \"\(source)\" in user src limits") }
      limits.sources.append(source)
      report.ok("added src network \(source)")
    }
    for source in edit.removedSources {
      limits.sources.removeAll { $0 == source }
      report.ok("removed src network \(source)")
    }
    try applyTimes(edit, to: &limits)
    for type in edit.connectionTypes.map({ $0.uppercased() }) where !limits.connectionTypes.contains(type) {
      guard ConnectionType(rawValue: type) != nil else { throw NSCError("unknown connection type \"\(type)\"") }
      limits.connectionTypes.append(type)
      report.ok("added connection type \(type)")
    }
    for type in edit.removedConnectionTypes.map({ $0.uppercased() }) {
      limits.connectionTypes.removeAll { $0 == type }
      report.ok("removed connection type \(type)")
    }
  }

  private func applyTimes(_ edit: LimitEdit, to limits: inout UserLimits) throws {
    for text in edit.times {
      let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
      guard ends.count == 2, TimeRange.seconds(ends[0]) != nil, TimeRange.seconds(ends[1]) != nil else {
        throw NSCError("invalid time range \"\(text)\": expected hh:mm:ss-hh:mm:ss")
      }
      limits.times.append(TimeRange(start: ends[0], end: ends[1]))
      report.ok("added time range \(ends[0]) - \(ends[1])")
    }
    for start in edit.removedTimes {
      limits.times.removeAll { $0.start == start }
      report.ok("removed time range starting at \(start)")
    }
    if let locale = edit.locale {
      limits.timesLocation = locale
      report.ok("set locale to \(locale)")
    }
  }
}
