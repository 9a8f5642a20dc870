/// Subjects that may and may not be used in one direction. Subscribe entries may be `subject queue`.
public struct Permission: Sendable, Equatable {
  public var allow: [String] = []
  public var deny: [String] = []
  public init(allow: [String] = [], deny: [String] = []) {
    self.allow = allow
    self.deny = deny
  }
  public var isEmpty: Bool { allow.isEmpty && deny.isEmpty }

  init(_ reader: ClaimReader?) throws(TokenError) {
    guard let reader else { return }
    allow = try reader.strings("allow")
    deny = try reader.strings("deny")
  }
  var value: ClaimValue {
    var builder = ClaimBuilder()
    builder.add("allow", allow)
    builder.add("deny", deny)
    return builder.value
  }
}

/// Leave to answer on the reply subjects of received messages.
public struct ResponsePermission: Sendable, Equatable {
  /// Number of messages.
  public var max: Int64
  /// Nanoseconds.
  public var ttl: Int64
  public init(max: Int64, ttl: Int64) {
    self.max = max
    self.ttl = ttl
  }
}

public struct Permissions: Sendable, Equatable {
  public var publish = Permission()
  public var subscribe = Permission()
  public var response: ResponsePermission?
  public init() {}
  public var isEmpty: Bool { publish.isEmpty && subscribe.isEmpty && response == nil }

  init(_ reader: ClaimReader) throws(TokenError) {
    publish = try Permission(try reader.object("pub"))
    subscribe = try Permission(try reader.object("sub"))
    if let resp = try reader.object("resp") {
      response = ResponsePermission(max: try resp.integer("max"), ttl: try resp.integer("ttl"))
    }
  }

  func add(to builder: inout ClaimBuilder) {
    builder.always("pub", publish.value)
    builder.always("sub", subscribe.value)
    if let response {
      builder.always(
        "resp", .object([ClaimMember("max", .integer(response.max)), ClaimMember("ttl", .integer(response.ttl))]))
    }
  }
}

/// A daily window, `HH:MM:SS` at both ends; an end before the start wraps midnight.
public struct TimeRange: Sendable, Equatable {
  public var start: String
  public var end: String
  public init(start: String, end: String) {
    self.start = start
    self.end = end
  }

  /// Seconds since midnight of a `HH:MM:SS` text; nil when it is none.
  public static func seconds(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2, parts[2].utf8.count == 2,
      let h = UInt(parts[0]), let m = UInt(parts[1]), let s = UInt(parts[2]), h < 24, m < 60, s < 60
    else { return nil }
    return Int(h * 3600 + m * 60 + s)
  }
}

/// Permissions and limits of a user, or of the users that a scoped signing key signs. −1 = unlimited, 0 = nothing allowed.
public struct UserLimits: Sendable, Equatable {
  public var permissions = Permissions()
  /// Networks in CIDR form; empty = everywhere.
  public var sources: [String] = []
  public var times: [TimeRange] = []
  /// IANA zone of `times`; empty = the server's own.
  public var timesLocation = ""
  public var subscriptions: Int64 = -1
  public var data: Int64 = -1
  public var payload: Int64 = -1
  public var bearerToken = false
  public var proxyRequired = false
  public var connectionTypes: [String] = []

  /// Unlimited and without restrictions: what a new user gets.
  public init() {}

  /// Everything absent: what a user of a scoped signing key carries.
  public static var unset: UserLimits {
    var limits = UserLimits()
    limits.subscriptions = 0
    limits.data = 0
    limits.payload = 0
    return limits
  }

  public var isUnset: Bool { self == .unset }

  init(_ reader: ClaimReader, version: Int) throws(TokenError) {
    let absent: Int64 = version == 1 ? -1 : 0
    permissions = try Permissions(reader)
    if case .string(let text) = reader.value["src"] {
      sources = text.split(separator: ",").map { $0.trimmed }
    } else {
      sources = try reader.strings("src")
    }
    for range in try reader.objects("times") {
      times.append(TimeRange(start: try range.string("start"), end: try range.string("end")))
    }
    timesLocation = try reader.string("times_location")
    subscriptions = try reader.integer("subs", default: absent)
    data = try reader.integer("data", default: absent)
    payload = try reader.integer("payload", default: absent)
    bearerToken = try reader.bool("bearer_token")
    proxyRequired = try reader.bool("proxy_required")
    connectionTypes = try reader.strings("allowed_connection_types")
  }

  func add(to builder: inout ClaimBuilder) {
    permissions.add(to: &builder)
    builder.add("src", sources)
    builder.add("times", .array(times.map { .object([ClaimMember("start", .string($0.start)), ClaimMember("end", .string($0.end))]) }))
    builder.add("times_location", timesLocation)
    builder.add("subs", subscriptions)
    builder.add("data", data)
    builder.add("payload", payload)
    builder.add("bearer_token", bearerToken)
    builder.add("proxy_required", proxyRequired)
    builder.add("allowed_connection_types", connectionTypes)
  }
}
