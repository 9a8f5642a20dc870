import Identity

extension NSCTool {
  /// Grants and denies; with `removals` takes away what it names, after that.
  func apply(_ edit: PermissionOptions, removing removals: PermissionRemovalOptions? = nil, to permissions: inout Permissions) throws {
    add(edit.allowedToPublish, to: &permissions.publish.allow, "pub")
    add(edit.allowedToSubscribe, to: &permissions.subscribe.allow, "sub")
    add(edit.deniedToPublish, to: &permissions.publish.deny, "deny pub")
    add(edit.deniedToSubscribe, to: &permissions.subscribe.deny, "deny sub")
    for subject in removals?.subjects ?? [] {
      permissions.publish.allow.removeAll { $0 == subject }
      permissions.publish.deny.removeAll { $0 == subject }
      permissions.subscribe.allow.removeAll { $0 == subject }
      permissions.subscribe.deny.removeAll { $0 == subject }
      report.ok("removed \"\(subject)\" from permissions")
    }
    if removals?.rmResponsePerms == true {
      permissions.response = nil
      report.ok("removed response permissions")
    }
    if let text = edit.allowPubResponse ?? edit.maxResponses {
      guard let number = Int64(text) else { throw NSCError("invalid number of responses \"\(text)\"") }
      permissions.response = ResponsePermission(max: number, ttl: permissions.response?.ttl ?? 0)
      report.ok("set max responses to \(number)")
    }
    if let text = edit.responseTtl {
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

  func apply(_ edit: LimitOptions, to limits: inout UserLimits) throws {
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
    if let text = edit.subs {
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
    for type in edit.connectionTypes where !limits.connectionTypes.contains(type) {
      guard ConnectionType(rawValue: type) != nil else { throw NSCError("unknown connection type \"\(type)\"") }
      limits.connectionTypes.append(type)
      report.ok("added connection type \(type)")
    }
    for type in edit.removedConnectionTypes {
      guard ConnectionType(rawValue: type) != nil else { throw NSCError("unknown rm connection type \(type)") }
      limits.connectionTypes.removeAll { $0 == type }
      report.ok("removed connection type \(type)")
    }
  }

  /// Where the machine has no time zones nobody can say: the server will.
  private func checkTimeZone(_ name: String) throws {
    let folder = "/usr/share/zoneinfo"
    let isName = !name.hasPrefix("/") && !name.split(separator: "/").contains("..")
    guard name.isEmpty || (isName && (!FileAccess.isDirectory(folder) || FileAccess.isFile("\(folder)/\(name)"))) else {
      throw NSCError("invalid argument \"\(name)\" for \"--locale\" flag: unknown time zone \(name)")
    }
  }

  private func applyTimes(_ edit: LimitOptions, to limits: inout UserLimits) throws {
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
      try checkTimeZone(locale)
      limits.timesLocation = locale
      report.ok("set locale to \(locale)")
    }
  }
}
