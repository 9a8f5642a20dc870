import BrokerCore
import Wire

/// Reads `permissions` blocks.
enum PermissionsOptions {
  static let table = OptionTable<PermissionsConfiguration>(
    "permissions", unknown: { "Unknown field \"\($0)\" parsing permissions" },
    [
      Option(
        "publish", "pub", "import", type: "subjects",
        "what may be published: subjects, or allow and deny lists; an empty list allows everything"
      ) {
        value, target, notes in
        target.publish = try rules(value, queues: false, &notes)
      },
      Option("subscribe", "sub", "export", type: "subjects", "what may be subscribed to, likewise; entries may be \"subject queue\"") {
        value, target, notes in
        target.subscribe = try rules(value, queues: true, &notes)
      },
      Option(
        "allow_responses", "publish_allow_responses", type: "boolean or map", fallback: "false",
        "the reply subjects of delivered messages may be published to"
      ) { value, target, notes in
        target.allowResponses = try responses(value, &notes)
      },
    ])

  static func read(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> PermissionsConfiguration {
    var permissions = PermissionsConfiguration()
    table.read(try value.map("permissions"), into: &permissions, &notes)
    return permissions
  }

  private static func rules(_ value: ConfigurationValue, queues: Bool, _ notes: inout OptionNotes) throws -> SubjectRules {
    guard case .map(let map) = value.content else { return SubjectRules(allow: try allowed(value, queues: queues, &notes)) }
    var rules = SubjectRules()
    for entry in map.entries {
      switch entry.key.lowercased() {
      case "allow": rules.allow = try allowed(entry.value, queues: queues, &notes)
      case "deny": rules.deny = try subjects(entry.value, queues: queues)
      default:
        if !entry.isVariable {
          notes.fail(
            "Unknown field name \"\(entry.key)\" parsing subject permissions, only 'allow' or 'deny' are permitted", at: entry.position)
        }
      }
    }
    return rules
  }

  /// By an empty list nobody is kept out, as on nats-server; whoever writes one may have meant the contrary.
  private static func allowed(_ value: ConfigurationValue, queues: Bool, _ notes: inout OptionNotes) throws -> [String]? {
    let subjects = try subjects(value, queues: queues)
    guard subjects.isEmpty else { return subjects }
    notes.warn("an empty list of what is allowed allows everything; to allow nothing, write deny: \">\"", at: value.position)
    return nil
  }

  private static func subjects(_ value: ConfigurationValue, queues: Bool) throws -> [String] {
    let texts = try value.strings("subjects")
    for text in texts {
      let parts = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
      let hasQueue = queues && parts.count == 2
      guard Subject.isValid(hasQueue ? parts[0] : text) else {
        throw ConfigurationError("subject \"\(text)\" is not a valid subject", at: value.position)
      }
      if hasQueue && !Subject.isValid(parts[1]) {
        throw ConfigurationError("queue \"\(parts[1])\" is not a valid queue", at: value.position)
      }
    }
    return texts
  }

  private static let responseTable = OptionTable<ResponsePermission>(
    "allow_responses", unknown: { "Unknown field \"\($0)\" parsing permissions" },
    [
      .integer("max max_msgs max_messages max_responses", fallback: "1", "answers to one message; -1: no limit", \.maxMessages),
      Option("expires", "expiration", "ttl", type: "duration", fallback: "2m", "time in which to answer; -1: no limit") {
        value, target, _ in
        target.expires = seconds(try value.duration("expires"))
      },
    ])

  private static func responses(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> ResponsePermission? {
    if case .boolean(let on) = value.content { return on ? ResponsePermission() : nil }
    var response = ResponsePermission()
    responseTable.read(try value.map("allow_responses"), into: &response, &notes)
    if response.maxMessages == 0 { response.maxMessages = 1 }
    if response.expires == 0 { response.expires = 120 }
    return response
  }
}
