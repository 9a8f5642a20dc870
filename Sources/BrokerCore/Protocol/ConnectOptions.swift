import Wire

/// What a CONNECT says. Absent members have the protocol's defaults, unknown ones are ignored.
package struct ConnectOptions {
  var verbose = true
  var pedantic = true
  var echo = true
  package var user = ""
  package var password = ""
  package var token = ""
  var nkey = ""
  package var jwt = ""
  package var signature = ""
  package var name = ""
  package var language = ""
  package var version = ""
  package var protocolRevision = 0
  package var headers = false
  var noResponders = false
  package var account = ""
  var newAccount = false
  // Leaf nodes.
  package var serverID = ""
  package var cluster = ""
  package var gateway = ""
  package var domain = ""
  var remoteAccount = ""
  var denyPublish: [String] = []
  var isHub = false

  package init() {}

  /// What is shown instead of a token.
  static let hiddenToken = "[REDACTED]"
  /// Who it says that it is; a token is not said on.
  package var claimedUser: String { !nkey.isEmpty ? nkey : !user.isEmpty ? user : token.isEmpty ? "" : Self.hiddenToken }

  /// Who it says that it is, in no way at all.
  var namesNobody: Bool { user.isEmpty && password.isEmpty && token.isEmpty && nkey.isEmpty && jwt.isEmpty && signature.isEmpty }

  /// Nil: not a JSON object, or a member of the wrong kind; the connection is closed silently then.
  ///
  /// - Parameter base: What absent members have: the protocol's defaults, or what an earlier CONNECT said.
  package init?(json: UnsafeRawBufferPointer, over base: ConnectOptions = .init()) {
    self = base
    guard !json.isEmpty, let view = try? JSONView(validating: Array(json)) else { return nil }
    if view.isNull { return }
    guard view.kind == .object else { return nil }
    var isGood = true
    view.forEachMember { name, value in
      if !isGood || value.isNull { return }
      isGood = take(name, value)
    }
    if !isGood { return nil }
  }

  private mutating func take(_ name: String, _ value: JSONView) -> Bool {
    switch name.lowercased() {
    case "verbose": return Self.set(&verbose, value.bool)
    case "pedantic": return Self.set(&pedantic, value.bool)
    case "echo": return Self.set(&echo, value.bool)
    case "user": return Self.set(&user, value.string)
    case "pass": return Self.set(&password, value.string)
    case "auth_token": return Self.set(&token, value.string)
    case "nkey": return Self.set(&nkey, value.string)
    case "jwt": return Self.set(&jwt, value.string)
    case "sig": return Self.set(&signature, value.string)
    case "name": return Self.set(&self.name, value.string)
    case "lang": return Self.set(&language, value.string)
    case "version": return Self.set(&version, value.string)
    case "protocol": return Self.set(&protocolRevision, value.int)
    case "headers": return Self.set(&headers, value.bool)
    case "no_responders": return Self.set(&noResponders, value.bool)
    case "account": return Self.set(&account, value.string)
    case "new_account": return Self.set(&newAccount, value.bool)
    case "server_id": return Self.set(&serverID, value.string)
    case "cluster": return Self.set(&cluster, value.string)
    case "gateway": return Self.set(&gateway, value.string)
    case "domain": return Self.set(&domain, value.string)
    case "remote_account": return Self.set(&remoteAccount, value.string)
    case "is_hub": return Self.set(&isHub, value.bool)
    case "deny_pub": return Self.set(&denyPublish, value.elements.compactMap(\.string))
    case "tls_required": return value.bool != nil
    default: return true
    }
  }

  private static func set<T>(_ member: inout T, _ value: T?) -> Bool {
    guard let value else { return false }
    member = value
    return true
  }
}
