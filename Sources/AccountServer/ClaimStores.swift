import Fetch
import Identity

/// Where tokens are kept. All calls block and come on the account server's store queue.
protocol ClaimStore: AnyObject {
  /// Nothing may be stored from outside.
  var isReadOnly: Bool { get }
  /// A good token of the account; nil when there is none. A file that holds no whole token is never returned.
  func load(_ id: String) throws -> String?
  func save(_ id: String, _ token: String) throws
  /// All accounts with their tokens.
  func all() -> [(id: String, token: String)]
  /// Accounts whose files changed since the last call.
  func changes() -> [String]
}

extension ClaimStore {
  /// Whether a token of the account is there that was issued after this one. What is older is never taken, whoever brings it.
  func holdsNewer(than claims: AccountClaims) -> Bool {
    guard let known = (try? load(claims.standard.subject)).flatMap({ $0 }), let old = try? Token.decode(known, as: AccountClaims.self)
    else {
      return false
    }
    return old.standard.issuedAt > claims.standard.issuedAt
  }
}

/// Tokens in a folder of their own.
final class DirectoryStore: ClaimStore {
  let isReadOnly: Bool
  private let directory: TokenDirectory
  private var stamps: [String: FileStamp] = [:]

  init(_ directory: TokenDirectory, isReadOnly: Bool) {
    self.directory = directory
    self.isReadOnly = isReadOnly
    _ = changes()
  }

  func load(_ id: String) throws -> String? {
    guard let token = try directory.load(id) else { return nil }
    // Somebody else may be writing the file in place: what does not decode does not exist.
    return (try? Token.decode(token, as: AccountClaims.self))?.standard.subject == id ? token : nil
  }

  func save(_ id: String, _ token: String) throws {
    try directory.save(id, token)
    stamps[id] = FileAccess.stamp(directory.file(id))
  }

  func all() -> [(id: String, token: String)] {
    directory.ids().compactMap { id in (try? load(id)).flatMap { $0 }.map { (id: id, token: $0) } }
  }

  func changes() -> [String] {
    var changed: [String] = []
    for id in directory.ids() {
      let stamp = FileAccess.stamp(directory.file(id))
      // A half-written file is looked at again at the next call.
      if stamp != stamps[id], (try? load(id)).flatMap({ $0 }) != nil {
        stamps[id] = stamp
        changed.append(id)
      }
    }
    return changed
  }
}

/// The accounts of an nsc operator folder: `<dir>/accounts/<name>/<name>.jwt`. Read-only.
final class NSCStore: ClaimStore {
  let isReadOnly = true
  private struct Entry {
    let stamp: FileStamp
    let id: String
    let token: String
  }
  private let directory: String
  private var entries: [String: Entry] = [:]

  /// - Throws: When the folder holds no operator.
  init(_ directory: String) throws {
    self.directory = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    _ = try operatorToken()
    _ = changes()
  }

  /// The file is named after the folder.
  func operatorToken() throws -> String {
    let path = "\(directory)/\(FileAccess.lastElement(of: directory)).jwt"
    return String(decoding: try FileAccess.read(path, limit: Token.limit), as: UTF8.self).filter { !$0.isWhitespace }
  }

  /// Reads the files that changed; one that does not decode keeps what it held before until it does.
  func changes() -> [String] {
    var changed: [String] = []
    var seen: Set<String> = []
    let folder = "\(directory)/accounts"
    for name in (try? FileAccess.list(folder)) ?? [] {
      for file in (try? FileAccess.list("\(folder)/\(name)")) ?? [] where file.hasSuffix(".jwt") {
        let path = "\(folder)/\(name)/\(file)"
        seen.insert(path)
        guard let stamp = FileAccess.stamp(path), stamp != entries[path]?.stamp, let token = read(path) else { continue }
        if entries[path]?.token != token.text { changed.append(token.id) }
        entries[path] = Entry(stamp: stamp, id: token.id, token: token.text)
      }
    }
    for path in entries.keys where !seen.contains(path) { entries[path] = nil }
    return changed
  }

  private func read(_ path: String) -> (id: String, text: String)? {
    guard let bytes = try? FileAccess.read(path, limit: Token.limit) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    guard let claims = try? Token.decode(text, as: AccountClaims.self) else { return nil }
    return (claims.standard.subject, text)
  }

  func load(_ id: String) throws -> String? {
    // Changes that are found here still need their notification, so they are not looked for: `changes` runs often enough,
    // and an unknown account is looked for at once.
    if let entry = entries.values.first(where: { $0.id == id }) {
      let path = entries.first { $0.value.id == id }?.key ?? ""
      return read(path).flatMap { $0.id == id ? $0.text : nil } ?? entry.token
    }
    let folder = "\(directory)/accounts"
    for name in (try? FileAccess.list(folder)) ?? [] {
      if let found = read("\(folder)/\(name)/\(name).jwt"), found.id == id { return found.text }
    }
    return nil
  }

  func save(_ id: String, _ token: String) throws { throw AccountServerError("the store is read-only") }

  func all() -> [(id: String, token: String)] {
    _ = changes()
    return entries.values.map { (id: $0.id, token: $0.token) }.sorted { $0.id < $1.id }
  }
}

/// A copy of another account server, kept in a store of its own.
final class ReplicaStore: ClaimStore {
  let isReadOnly = true
  private let copy: any ClaimStore
  private let primary: String
  private let timeout: Double
  private let now: () -> Int64
  /// Nil where no operator is configured: then whoever the primary trusts is trusted.
  private let operatorClaims: OperatorClaims?
  /// Unix seconds until which an account need not be asked for again.
  private var fresh: [String: Int64] = [:]

  init(_ copy: any ClaimStore, primary: String, timeout: Double, operatorClaims: OperatorClaims?, now: @escaping () -> Int64) {
    self.copy = copy
    self.operatorClaims = operatorClaims
    self.primary = primary.hasSuffix("/") ? String(primary.dropLast()) : primary
    self.timeout = timeout
    self.now = now
  }

  private func request(_ path: String) -> FetchRequest {
    var request = FetchRequest(url: "\(primary)/jwt/v1/\(path)")
    request.timeout = timeout
    request.limit = 256 << 20
    return request
  }

  /// Takes over all that the primary has.
  func loadPack(max: Int) throws {
    let answer = try Fetch.perform(request("pack?max=\(max)"))
    guard answer.status == 200 else { throw AccountServerError("primary did not return with status OK: \(answer.status)") }
    for line in answer.text.split(whereSeparator: \.isNewline) {
      guard let bar = line.firstIndex(of: "|") else { continue }
      let (id, token) = (String(line[..<bar]), String(line[line.index(after: bar)...]))
      if isAcceptable(id, token) { try save(id, token) }
    }
  }

  /// Whether it is a token of the account, signed by the operator, and none that is older than what is here.
  private func isAcceptable(_ id: String, _ token: String) -> Bool {
    guard let claims = try? Token.decode(token, as: AccountClaims.self), claims.standard.subject == id else { return false }
    if let operatorClaims, !operatorClaims.trusts(claims.standard.issuer) { return false }
    return !copy.holdsNewer(than: claims)
  }

  func load(_ id: String) throws -> String? {
    let known = try copy.load(id)
    if known != nil, let until = fresh[id], until > now() { return known }
    var request = request("accounts/\(id)")
    if let known, let claims = try? Token.decode(known, as: AccountClaims.self) {
      request.headers = [("If-None-Match", "\"\(claims.standard.id)\"")]
    }
    guard let answer = try? Fetch.perform(request) else {
      // The primary is away: what is known is still good.
      if known != nil { return known }
      throw AccountServerError("primary did not return with status OK")
    }
    if answer.status == 304 { fresh[id] = now() + 3600 }
    guard answer.status == 200 else { return known }
    let token = answer.text.filter { !$0.isWhitespace }
    guard isAcceptable(id, token) else { return known }
    try save(id, token)
    return token
  }

  /// A token that came from the primary, by fetching or by a notification.
  func save(_ id: String, _ token: String) throws {
    try copy.save(id, token)
    fresh[id] = now() + 3600
  }

  func all() -> [(id: String, token: String)] { copy.all() }
  func changes() -> [String] { [] }
}
