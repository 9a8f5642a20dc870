import Glibc
import Wire

/// A connection that the `nats` command keeps under a name: `$XDG_CONFIG_HOME/nats/context/NAME.json`.
public struct NATSContext: Sendable, Equatable {
  public var url = ""
  public var user: String?
  public var password: String?
  public var token: String?
  public var creds: String?
  public var nkey: String?
  public var jwt: String?
  public var seed: String?
  public var certificate: String?
  public var key: String?
  public var authority: String?
  public var inboxPrefix: String?
  public var tlsFirst = false
  /// The domain of JetStream that is meant, and a prefix of its subjects instead of `$JS.API`.
  public var jetStreamDomain: String?
  public var jetStreamPrefix: String?

  /// Why a context cannot be used.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// Reads the context's file.
  /// - Parameters:
  ///   - name: a name, or a path that ends in `.json`.
  /// - Throws: ``Failure`` naming the file and what is wrong with it.
  public init(named name: String, environment: (String) -> String? = NATSContext.variable) throws(Failure) {
    let path: String
    if name.hasSuffix(".json") {
      path = name
    } else {
      guard !name.isEmpty, !name.contains("/"), !name.contains("..") else {
        throw Failure(description: "\"\(name)\" is not the name of a context")
      }
      path = "\(NATSContext.folder(environment))/context/\(name).json"
    }
    let document: JSONValue
    do {
      document = try JSONValue(parsing: try FileAccess.read(path))
    } catch {
      throw Failure(description: "the context \(name) cannot be read from \(path): \(error)")
    }
    guard case .object = document else { throw Failure(description: "the context \(name) has to be an object: \(path)") }
    try NATSContext.refuseUnsupported(document, name)
    try NATSContext.refuseOtherTypes(document, name)
    self.init(document)
  }

  /// Members that the nats command heeds and this does not: connecting without them would not be what the context asks for.
  private static let unsupported = [
    ("socks_proxy", "a SOCKS proxy"), ("nsc", "credentials from nsc; generate a creds file with `nsc generate creds` and name that"),
    ("windows_cert_store", "the Windows certificate store"),
  ]

  private static let askedPlaces = [
    (scheme: "nsc://", what: "credentials from nsc; generate a creds file with `nsc generate creds` and name that"),
    (scheme: "op://", what: "a secret from 1Password"), (scheme: "env://", what: "a secret from the environment"),
  ]

  private static func refuseUnsupported(_ document: JSONValue, _ name: String) throws(Failure) {
    for (member, what) in unsupported where document[member]?.string?.isEmpty == false {
      // `nsc generate context` names the creds file beside it.
      if member == "nsc", document["creds"]?.string?.isEmpty == false { continue }
      throw Failure(description: "the context \(name) asks for \(what) (\(member)), which is not supported")
    }
    // Today's contexts may say where a secret is to be asked for; taken for the name of a file, none would be found.
    for member in ["creds", "nkey", "user_jwt", "user_seed"] {
      guard let text = document[member]?.string, let place = askedPlaces.first(where: { text.hasPrefix($0.scheme) }) else { continue }
      throw Failure(description: "the context \(name) asks for \(place.what) (\(member)), which is not supported")
    }
  }

  /// A member that is not what it has to be would be passed over, and somebody else would connect.
  private static func refuseOtherTypes(_ document: JSONValue, _ name: String) throws(Failure) {
    let texts = [
      "url", "user", "password", "token", "creds", "nkey", "user_jwt", "user_seed", "cert", "key", "ca", "inbox_prefix", "socks_proxy",
      "jetstream_domain", "jetstream_api_prefix",
      "nsc",
      "windows_cert_store",
    ]
    for member in texts {
      if let value = document[member], value.string == nil, value != .null {
        throw Failure(description: "the member \(member) of the context \(name) has to be a text")
      }
    }
    if let value = document["tls_first"], value.bool == nil, value != .null {
      throw Failure(description: "the member tls_first of the context \(name) has to be true or false")
    }
  }

  /// The members of a context file; what is empty counts as absent.
  init(_ document: JSONValue) {
    func text(_ member: String) -> String? { document[member]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    func path(_ member: String) -> String? {
      text(member).map { NATSContext.expanded($0.hasPrefix("file://") ? String($0.dropFirst("file://".count)) : $0) }
    }
    url = text("url") ?? ""
    user = text("user")
    password = text("password")
    token = text("token")
    creds = path("creds")
    nkey = path("nkey")
    jwt = text("user_jwt")
    seed = text("user_seed")
    certificate = path("cert")
    key = path("key")
    authority = path("ca")
    inboxPrefix = text("inbox_prefix")
    tlsFirst = document["tls_first"]?.bool ?? false
    jetStreamDomain = text("jetstream_domain")
    jetStreamPrefix = text("jetstream_api_prefix")
  }

  /// The name of the context that is selected; nil when none is.
  public static func selected(environment: (String) -> String? = NATSContext.variable) -> String? {
    guard let text = try? FileAccess.readText("\(folder(environment))/context.txt") else { return nil }
    return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
  }

  /// An environment variable; nil when it is unset or empty.
  public static func variable(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  private static func folder(_ environment: (String) -> String?) -> String {
    if let configuration = environment("XDG_CONFIG_HOME") { return "\(configuration)/nats" }
    return "\(environment("HOME") ?? "")/.config/nats"
  }

  /// `~/x` below the home folder.
  public static func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = variable("HOME") else { return path }
    return home + path.dropFirst()
  }
}
