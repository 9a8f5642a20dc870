public enum SubjectKind: String, Sendable {
  case stream, service
}

/// A subject that an account offers to others.
public struct Export: Sendable, Equatable {
  public struct Latency: Sendable, Equatable {
    /// 1…100, or 0 for `headers`.
    public var sampling: Int64
    public var results: String
    public init(sampling: Int64, results: String) {
      self.sampling = sampling
      self.results = results
    }
  }
  public var name = ""
  public var subject = ""
  /// Nil when the token holds an unknown word, kept in `kindText`.
  public var kind: SubjectKind? { SubjectKind(rawValue: kindText) }
  public var kindText = ""
  /// Importers need an activation.
  public var tokenRequired = false
  /// Account public key or `*` → Unix seconds; compared with the activation's time of issue.
  public var revocations: [String: Int64] = [:]
  public var responseType = ""
  /// Nanoseconds.
  public var responseThreshold: Int64 = 0
  public var latency: Latency?
  /// 1-based; the token that must be the importer's key.
  public var accountTokenPosition: Int64 = 0
  public var advertise = false
  public var allowTrace = false
  public var info = Info()

  public init(subject: String, kind: SubjectKind, name: String = "") {
    self.subject = subject
    kindText = kind.rawValue
    self.name = name
  }

  init(_ reader: ClaimReader) throws(TokenError) {
    name = try reader.string("name")
    subject = try reader.string("subject")
    kindText = try reader.string("type")
    tokenRequired = try reader.bool("token_req")
    revocations = try reader.integers("revocations")
    responseType = try reader.string("response_type")
    responseThreshold = try reader.integer("response_threshold")
    if let latency = try reader.object("service_latency") {
      var sampling: Int64 = 0
      if case .string(let word) = latency.value["sampling"] {
        guard word.lowercased() == "headers" else { throw TokenError("unknown service latency sampling \"\(word)\"") }
      } else {
        sampling = try latency.integer("sampling")
      }
      self.latency = Latency(sampling: sampling, results: try latency.string("results"))
    }
    accountTokenPosition = try reader.integer("account_token_position")
    advertise = try reader.bool("advertise")
    allowTrace = try reader.bool("allow_trace")
    info = try Info(reader)
  }

  var value: ClaimValue {
    var builder = ClaimBuilder()
    builder.add("name", name)
    builder.add("subject", subject)
    builder.add("type", kindText)
    builder.add("token_req", tokenRequired)
    builder.add("revocations", revocations)
    builder.add("response_type", responseType)
    builder.add("response_threshold", responseThreshold)
    if let latency {
      builder.always(
        "service_latency",
        .object([
          ClaimMember("sampling", latency.sampling == 0 ? .string("headers") : .integer(latency.sampling)),
          ClaimMember("results", .string(latency.results)),
        ]))
    }
    builder.add("account_token_position", accountTokenPosition)
    builder.add("advertise", advertise)
    builder.add("allow_trace", allowTrace)
    info.add(to: &builder)
    return builder.value
  }
}

/// Words for people: at most 8192 bytes each.
public struct Info: Sendable, Equatable {
  public var description = ""
  public var url = ""
  public init(description: String = "", url: String = "") {
    self.description = description
    self.url = url
  }
  init(_ reader: ClaimReader) throws(TokenError) {
    description = try reader.string("description")
    url = try reader.string("info_url")
  }
  func add(to builder: inout ClaimBuilder) {
    builder.add("description", description)
    builder.add("info_url", url)
  }
}

/// A subject that an account takes from another one.
public struct Import: Sendable, Equatable {
  public var name = ""
  /// Subject on the exporter's side (for the old form of a service import with `to`: the local one).
  public var subject = ""
  public var account = ""
  /// The activation's token text, empty for public exports.
  public var token = ""
  /// Old form: for streams a local prefix, for services the subject on the exporter's side.
  public var to = ""
  public var localSubject = ""
  public var kind: SubjectKind? { SubjectKind(rawValue: kindText) }
  public var kindText = ""
  public var share = false
  public var allowTrace = false

  public init(subject: String, account: String, kind: SubjectKind, name: String = "") {
    self.subject = subject
    self.account = account
    kindText = kind.rawValue
    self.name = name
  }

  init(_ reader: ClaimReader) throws(TokenError) {
    name = try reader.string("name")
    subject = try reader.string("subject")
    account = try reader.string("account")
    token = try reader.string("token")
    to = try reader.string("to")
    localSubject = try reader.string("local_subject")
    kindText = try reader.string("type")
    share = try reader.bool("share")
    allowTrace = try reader.bool("allow_trace")
  }

  var value: ClaimValue {
    var builder = ClaimBuilder()
    builder.add("name", name)
    builder.add("subject", subject)
    builder.add("account", account)
    builder.add("token", token)
    builder.add("to", to)
    builder.add("local_subject", localSubject)
    builder.add("type", kindText)
    builder.add("share", share)
    builder.add("allow_trace", allowTrace)
    return builder.value
  }

  /// Subject on the exporter's side, whichever form the import has.
  public var remoteSubject: String { kind == .service && !to.isEmpty ? to : subject }

  /// Subject on the importer's side, whichever form the import has.
  public var effectiveLocalSubject: String {
    if !localSubject.isEmpty { return localSubject }
    if to.isEmpty { return subject }
    return kind == .service ? subject : to + "." + subject
  }
}

/// One destination of a subject mapping.
public struct MappingTarget: Sendable, Equatable {
  public var subject: String
  /// Percent; 0 stands for 100.
  public var weight: Int64
  public var cluster: String
  public init(subject: String, weight: Int64 = 0, cluster: String = "") {
    self.subject = subject
    self.weight = weight
    self.cluster = cluster
  }
  public var effectiveWeight: Int64 { weight == 0 ? 100 : weight }
}
