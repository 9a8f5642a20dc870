import BrokerCore
import Identity
import Wire

/// Reads the `accounts` block.
enum AccountOptions {
  static let table = OptionTable<AccountConfiguration>(
    "accounts",
    [
      Option("users", type: "[map]", "the account's users") { value, target, notes in
        target.users = try AuthorizationOptions.users(value, &notes)
      },
      Option("nkey", type: "string", "the account's public key") { value, target, _ in
        let key = try value.string("nkey")
        guard KeyPair.isPublicKey(key, .account) else {
          throw ConfigurationError("Not a valid public nkey for an account: \"\(key)\"", at: value.position)
        }
        target.nkey = key
      },
      Option("default_permissions", "permissions", type: "map", "permissions of users without their own") { value, target, notes in
        target.defaultPermissions = try PermissionsOptions.read(value, &notes)
      },
      Option("limits", type: "map", "limits of the account") { value, target, notes in
        limitTable.read(try value.map("limits"), into: &target.limits, &notes)
      },
      Option("mappings", "maps", type: "map", "subject mappings") { value, target, notes in
        target.mappings = try MappingOptions.read(value, &notes)
      },
      Option("exports", "export", type: "[map]", "what other accounts may import") { value, target, notes in
        for element in try value.array("exports") { BorderOptions.readExport(element, into: &target.exports, &notes) }
      },
      Option("imports", "import", type: "[map]", "what is taken from other accounts") { value, target, notes in
        for element in try value.array("imports") { BorderOptions.readImport(element, into: &target.imports, &notes) }
      },
      .unavailable(
        "jetstream", type: "boolean, string or map", "JetStream of the account: not available",
        "this server has no JetStream: remove `jetstream` from the account, or run nats-server for it"),
      Option(
        "msg_trace", "trace_dest", type: "string or map", "where traces of messages with a sampled `traceparent` go: {dest, sampling}"
      ) { value, target, notes in
        target.messageTrace = try messageTrace(value, &notes)
      },
    ])

  private static func messageTrace(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> MessageTraceConfiguration {
    var trace = MessageTraceConfiguration(destination: "")
    if case .string(let subject) = value.content {
      trace.destination = subject
    } else {
      for entry in try value.map("msg_trace").entries {
        switch entry.key.lowercased() {
        case "dest": trace.destination = try entry.value.string("dest")
        case "sampling": trace.sampling = try sampling(entry.value)
        default:
          if !entry.isVariable { notes.fail("unknown field \"\(entry.key)\" parsing account message trace map/struct", at: entry.position) }
        }
      }
    }
    guard Subject.isValid(trace.destination), Subject.isLiteral(trace.destination) else {
      throw ConfigurationError("Trace destination \"\(trace.destination)\" is not valid", at: value.position)
    }
    return trace
  }

  private static func sampling(_ value: ConfigurationValue) throws -> Int {
    var percent: Int?
    if case .integer(let number) = value.content { percent = Int(clamping: number) }
    if case .string(let text) = value.content { percent = Int(text.hasSuffix("%") ? String(text.dropLast()) : text) }
    guard let percent, (1...100).contains(percent) else {
      throw ConfigurationError("the sampling of a trace destination is invalid, needs to be [1..100]", at: value.position)
    }
    return percent
  }

  static let limitTable = OptionTable<LimitsConfiguration>(
    "limits", unknown: { "Unknown field \"\($0)\" parsing account limits" },
    [
      .integer("max_connections max_conn", fallback: "-1", "clients at one time", \.maxConnections),
      .integer("max_subscriptions max_subs", fallback: "-1", "subscriptions of one connection, leaf nodes too", \.maxSubscriptions),
      .integer("max_payload max_pay", fallback: "-1", "bytes of a message", \.maxPayload),
      .integer("max_leafnodes max_leafs", fallback: "-1", "leaf nodes at one time", \.maxLeafNodes),
    ])

  static func read(_ value: ConfigurationValue, into accounts: inout [AccountConfiguration], _ notes: inout OptionNotes) throws {
    if case .array(let names) = value.content {
      var seen: Set<String> = []
      for element in names {
        let name = try element.string("accounts")
        guard seen.insert(name).inserted else {
          notes.fail("Duplicate Account Entry: \(name)", at: element.position)
          continue
        }
        add(AccountConfiguration(name: name), at: element.position, to: &accounts, &notes)
      }
      return
    }
    for entry in try value.map("accounts").entries {
      if entry.isVariable, case .map = entry.value.content {} else if entry.isVariable { continue }
      guard case .map(let map) = entry.value.content else {
        notes.errors.append(entry.value.mismatch("account \(entry.key)", "a map"))
        continue
      }
      var account = AccountConfiguration(name: entry.key)
      table.read(map, into: &account, &notes)
      add(account, at: entry.position, to: &accounts, &notes)
    }
  }

  private static func add(
    _ account: AccountConfiguration, at position: ConfigurationPosition, to accounts: inout [AccountConfiguration],
    _ notes: inout OptionNotes
  ) {
    guard account.name != "$G" else { return notes.fail("\"$G\" is a Reserved Account", at: position) }
    accounts.append(account)
  }
}

/// Reads `mappings` blocks.
enum MappingOptions {
  private struct Weighted {
    var subject: String?
    var weight: Int?
    var cluster: String?
  }

  private static let table = OptionTable<Weighted>(
    "mappings", unknown: { "Unknown field \"\($0)\" parsing mapping destinations" },
    [
      .optionalText("destination dest", "the subject that receivers see", \.subject),
      Option("weight", type: "integer or percentage", "the share of messages, in percent") { value, target, _ in
        target.weight = try weight(value)
      },
      .optionalText("cluster", "the cluster in which it applies", \.cluster),
    ])

  private static func weight(_ value: ConfigurationValue) throws(ConfigurationError) -> Int {
    let number: Int?
    switch value.content {
    case .integer(let weight): number = Int(weight)
    case .string(let text): number = Int(text.hasSuffix("%") ? String(text.dropLast()) : text)
    default: number = nil
    }
    guard let number, (0...100).contains(number) else {
      throw ConfigurationError("Invalid weight for mapping destination: expected 0 to 100", at: value.position)
    }
    return number
  }

  static func read(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> [MappingConfiguration] {
    var mappings: [MappingConfiguration] = []
    for entry in try value.map("mappings").entries {
      guard Subject.isValid(entry.key) else {
        notes.fail("Subject \"\(entry.key)\" is not a valid subject", at: entry.position)
        continue
      }
      do throws(ConfigurationError) {
        let destinations = try destinations(entry, &notes)
        mappings.append(MappingConfiguration(source: entry.key, destinations: destinations))
      } catch {
        notes.errors.append(error)
      }
    }
    return mappings
  }

  private static func destinations(
    _ entry: ConfigurationEntry, _ notes: inout OptionNotes
  ) throws(ConfigurationError) -> [MappingConfiguration.Destination] {
    switch entry.value.content {
    case .string(let subject): return [.init(subject: subject)]
    case .map: return [try destination(entry.value, &notes)]
    case .array(let elements):
      var destinations: [MappingConfiguration.Destination] = []
      for element in elements { destinations.append(try destination(element, &notes)) }
      var totals: [String: Int] = [:]
      for one in destinations { totals[one.cluster ?? "", default: 0] += one.weight }
      if totals.values.contains(where: { $0 > 100 }) {
        throw ConfigurationError("Error adding mapping for \"\(entry.key)\" : total weight needs to be <= 100", at: entry.position)
      }
      return destinations
    default: throw entry.value.mismatch("mapping of \(entry.key)", "a subject, a map or an array of maps")
    }
  }

  private static func destination(
    _ value: ConfigurationValue, _ notes: inout OptionNotes
  ) throws(ConfigurationError) -> MappingConfiguration.Destination {
    var weighted = Weighted()
    let before = notes.errors.count
    table.read(try value.map("mapping destination"), into: &weighted, &notes)
    // What is wrong with it is told; that something is missing then need not be.
    guard notes.errors.count == before else { return .init(subject: weighted.subject ?? "", weight: weighted.weight ?? 0) }
    guard let subject = weighted.subject else { throw ConfigurationError("Mapping destination is missing", at: value.position) }
    guard let weight = weighted.weight else {
      throw ConfigurationError("Mapping weight is missing for destination \"\(subject)\"", at: value.position)
    }
    return .init(subject: subject, weight: weight, cluster: weighted.cluster)
  }
}
