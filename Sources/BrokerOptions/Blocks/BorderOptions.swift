import BrokerCore
import Wire

/// Reads the entries of `exports` and `imports`.
enum BorderOptions {
  struct Source {
    var account: String?
    var subject: String?
  }

  struct ExportEntry {
    var stream: String?
    var service: String?
    var export = ExportConfiguration(.stream, subject: "")
    var serviceOnly: String?
  }

  struct ImportEntry {
    var stream: Source?
    var service: Source?
    var base = ImportConfiguration(.stream, account: "", subject: "")
    var namesTrace = false
  }

  static let exportTable = OptionTable<ExportEntry>(
    "exports", unknown: { "Unknown field \"\($0)\" parsing export stream or service" },
    [
      .optionalText("stream", "the subject of a stream", \.stream),
      .optionalText("service", "the subject of a service", \.service),
      Option("accounts", type: "[string]", fallback: "every account", "the accounts that may import") { value, target, _ in
        let names = try value.array("accounts").map { try $0.string("accounts") }
        // By an empty list nobody is kept out, as on nats-server.
        target.export.accounts = names.isEmpty ? nil : names
      },
      Option("response", "response_type", type: "string", fallback: "single", "answers to one request: single, stream or chunked") {
        value, target, _ in
        target.serviceOnly = "response type"
        switch try value.string("response").lowercased() {
        case "single", "singleton": target.export.responseType = .singleton
        case "stream": target.export.responseType = .streamed
        case "chunk", "chunked": target.export.responseType = .chunked
        case let other: throw ConfigurationError("Unknown response type: \"\(other)\"", at: value.position)
        }
      },
      Option(
        "threshold", "response_threshold", "response_max_time", "response_time", type: "duration", fallback: "2m", "time in which to answer"
      ) { value, target, _ in
        target.serviceOnly = "response threshold"
        target.export.responseThreshold = seconds(try value.duration("threshold"))
      },
      Option("latency", type: "string or map", "where measurements of requests are published") { value, target, notes in
        target.serviceOnly = "latency"
        target.export.latency = try latency(value, &notes)
      },
      Option("account_token_position", type: "integer", "the token that must be the importing account's name") { value, target, _ in
        target.export.accountTokenPosition = Int(try value.integer("account_token_position", in: 0...255))
      },
      Option("allow_trace", type: "boolean", fallback: "false", "for services: let message traces pass") { value, target, _ in
        target.export.allowTrace = try value.boolean("allow_trace")
        target.serviceOnly = "allow_trace directive"
      },
    ])

  static func readExport(_ value: ConfigurationValue, into exports: inout [ExportConfiguration], _ notes: inout OptionNotes) {
    do throws(ConfigurationError) {
      var entry = ExportEntry()
      exportTable.read(try value.map("exports"), into: &entry, &notes)
      switch (entry.stream, entry.service) {
      case (let subject?, nil):
        if let part = entry.serviceOnly { throw ConfigurationError("Detected \(part) on non-service", at: value.position) }
        entry.export.kind = .stream
        entry.export.subject = subject
      case (nil, let subject?):
        entry.export.kind = .service
        entry.export.subject = subject
      case (nil, nil): throw ConfigurationError("an export needs a stream or a service", at: value.position)
      default: throw ConfigurationError("Detected stream and service in one export: exactly one is allowed", at: value.position)
      }
      try check(entry.export, at: value.position)
      exports.append(entry.export)
    } catch {
      notes.errors.append(error)
    }
  }

  private static func check(_ export: ExportConfiguration, at position: ConfigurationPosition) throws(ConfigurationError) {
    let tokens = export.subject.split(separator: ".", omittingEmptySubsequences: false)
    let place = export.accountTokenPosition
    if place > 0, place > tokens.count || tokens[place - 1] != "*" {
      throw ConfigurationError("account_token_position: token \(place) of \"\(export.subject)\" is no wildcard", at: position)
    }
    if let latency = export.latency, export.responseType != .singleton {
      throw ConfigurationError(
        "Error adding service latency sampling for \"\(export.subject)\" on subject \"\(latency.subject)\": bad service response type",
        at: position)
    }
  }

  private static func latency(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> ServiceLatencyConfiguration {
    var latency = ServiceLatencyConfiguration(subject: "")
    var entries: [ConfigurationEntry] = []
    if case .string(let subject) = value.content { latency.subject = subject } else { entries = try value.map("latency").entries }
    for entry in entries {
      switch entry.key.lowercased() {
      case "sampling": latency.sampling = try sampling(entry.value)
      case "subject": latency.subject = try entry.value.string("latency subject")
      default:
        if !entry.isVariable { notes.fail("unknown field \"\(entry.key)\" parsing latency", at: entry.position) }
      }
    }
    guard Subject.isValid(latency.subject), Subject.isLiteral(latency.subject) else {
      throw ConfigurationError("latency needs a subject without wildcards", at: value.position)
    }
    return latency
  }

  private static func sampling(_ value: ConfigurationValue) throws(ConfigurationError) -> ServiceLatencyConfiguration.Sampling {
    let percent: Int?
    switch value.content {
    case .integer(let number): percent = Int(number)
    case .string(let text) where text.lowercased() == "headers": return .headers
    case .string(let text): percent = Int(text.hasSuffix("%") ? String(text.dropLast()) : text)
    default: percent = nil
    }
    guard let percent, (1...100).contains(percent) else {
      throw ConfigurationError("latency sampling: expected 1 to 100 percent or \"headers\"", at: value.position)
    }
    return .percent(percent)
  }

  private static let sourceTable = OptionTable<Source>(
    "imports", unknown: { "Unknown field \"\($0)\" parsing import stream or service" },
    [.optionalText("account", "the exporting account", \.account), .optionalText("subject", "its subject", \.subject)])

  static let importTable = OptionTable<ImportEntry>(
    "imports", unknown: { "Unknown field \"\($0)\" parsing import" },
    [
      Option("stream", type: "map", "account and subject of a stream") { value, target, notes in
        target.stream = try source(value, &notes)
      },
      Option("service", type: "map", "account and subject of a service") { value, target, notes in
        target.service = try source(value, &notes)
      },
      .optionalText("to", "the local subject; $1 … stand for wildcards", \.base.to),
      .optionalText("prefix", "for streams: what is put before the subject", \.base.prefix),
      .flag("share", "for services: tell the exporter who asks", \.base.share),
      Option("allow_trace", type: "boolean", fallback: "false", "for streams: let message traces pass") { value, target, _ in
        target.base.allowTrace = try value.boolean("allow_trace")
        target.namesTrace = true
      },
    ])

  private static func source(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws -> Source {
    var source = Source()
    sourceTable.read(try value.map("import"), into: &source, &notes)
    guard let account = source.account, !account.isEmpty else {
      throw ConfigurationError("expect an account name to be specified", at: value.position)
    }
    guard let subject = source.subject, !subject.isEmpty else {
      throw ConfigurationError("expect a subject to be specified", at: value.position)
    }
    return source
  }

  static func readImport(_ value: ConfigurationValue, into imports: inout [ImportConfiguration], _ notes: inout OptionNotes) {
    do throws(ConfigurationError) {
      var entry = ImportEntry()
      let before = notes.errors.count
      importTable.read(try value.map("imports"), into: &entry, &notes)
      guard notes.errors.count == before else { return }
      let one = try checked(entry, at: value.position)
      if one.kind == .service, let known = imports.first(where: { one.repeats($0) }) {
        throw ConfigurationError(
          "Duplicate service import subject \"\(one.localSubject)\", previously used in import for account \"\(known.account)\", "
            + "subject \"\(known.subject)\"", at: value.position)
      }
      imports.append(one)
    } catch {
      notes.errors.append(error)
    }
  }

  private static func checked(_ entry: ImportEntry, at position: ConfigurationPosition) throws(ConfigurationError) -> ImportConfiguration {
    var result = entry.base
    // Nothing is given by nothing.
    if result.to?.isEmpty == true { result.to = nil }
    if result.prefix?.isEmpty == true { result.prefix = nil }
    switch (entry.stream, entry.service) {
    case (let source?, nil):
      if result.to != nil, result.prefix != nil {
        throw ConfigurationError("Stream import can not have a 'prefix' and a 'to' property", at: position)
      }
      if let prefix = result.prefix, !Subject.isLiteral(prefix) {
        throw ConfigurationError("the prefix \"\(prefix)\" can not have wildcards", at: position)
      }
      result.kind = .stream
      result.account = source.account ?? ""
      result.subject = source.subject ?? ""
    case (nil, let source?):
      if result.prefix != nil { throw ConfigurationError("Can not have a 'prefix' for services", at: position) }
      if entry.namesTrace { throw ConfigurationError("Detected allow_trace directive on a non-stream", at: position) }
      result.kind = .service
      result.account = source.account ?? ""
      result.subject = source.subject ?? ""
    case (nil, nil): throw ConfigurationError("an import needs a stream or a service", at: position)
    default: throw ConfigurationError("Detected stream and service in one import: exactly one is allowed", at: position)
    }
    return result
  }
}

extension ImportConfiguration {
  fileprivate var localSubject: String { to ?? subject }

  /// What one account offers comes in under one name once; several accounts may share a name.
  fileprivate func repeats(_ other: ImportConfiguration) -> Bool {
    other.kind == kind && other.account == account && other.localSubject == localSubject
  }
}
