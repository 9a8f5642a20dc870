import BrokerCore
import Dispatch
import Identity
import Reactor
import Wire

/// Tokens in a folder: all accounts (full), or those that were used lately (cache). Files are read and written on a queue
/// of its own; what is known about them (the index) lives on the broker's shard.
final class DirectoryResolver: AccountResolver {
  struct Settings {
    var limit = 0
    var isCache = false
    var allowDelete = false
    var hardDelete = false
    /// Seconds; 0: for ever.
    var timeToLive = 0.0
    /// Seconds to wait for other servers' answers.
    var timeout = 1.9
  }
  private struct Entry {
    var digest: [UInt8]
    var expires: Int64
    var used: UInt64
    var stored: MonotonicTime
  }

  let settings: Settings
  let directory: TokenDirectory
  private let shard: Shard
  private let files = DispatchQueue(label: "natsight.resolver")
  private var index: [String: Entry] = [:]
  private var uses: UInt64 = 0
  /// Asks other servers for a token; set by the operator mode.
  var lookup: ((String, @escaping (String?) -> Void) -> Void)?

  /// Reads the folder's tokens into the index; blocks, before the server starts.
  init(path: String, _ settings: Settings, shard: Shard) throws(BrokerConfigurationError) {
    self.settings = settings
    self.shard = shard
    do throws(FileError) { directory = try TokenDirectory(path: path) } catch {
      throw BrokerConfigurationError("could not use the account resolver's directory: \(error)")
    }
    for id in directory.ids() {
      if let text = try? directory.load(id), let claims = try? Token.decode(text, as: AccountClaims.self) { note(id, text, claims) }
    }
  }

  /// Stores what the configuration holds unless something newer is there. Blocks, before the server starts.
  ///
  /// - Parameter issue: Why a token is not to be kept; nil when it is.
  /// - Returns: Accounts whose token was not kept, and why.
  func preload(
    _ tokens: [(account: String, jwt: String)], issue: (AccountClaims) -> String?
  ) throws(BrokerConfigurationError) -> [(id: String, issue: String)] {
    var refused: [(id: String, issue: String)] = []
    for (id, token) in tokens {
      guard let claims = try? Token.decode(token, as: AccountClaims.self) else { continue }
      if let issue = claims.standard.subject == id ? issue(claims) : "it is a token of \(claims.standard.subject)" {
        refused.append((id, issue))
        continue
      }
      if let text = try? directory.load(id), let stored = try? Token.decode(text, as: AccountClaims.self),
        stored.standard.issuedAt >= claims.standard.issuedAt
      {
        continue
      }
      do throws(FileError) { try directory.save(id, token) } catch {
        throw BrokerConfigurationError("could not use the account resolver's directory: \(error)")
      }
      note(id, token, claims)
    }
    return refused
  }

  private func note(_ id: String, _ token: String, _ claims: AccountClaims) {
    uses += 1
    index[id] = Entry(
      digest: Digest.sha256(Array(token.utf8)), expires: claims.standard.expires, used: uses, stored: MonotonicClock.now())
  }

  /// Whether a token of the account is kept though nobody uses it: a cache does so for those that it has.
  func keeps(_ id: String) -> Bool { !settings.isCache || index[id] != nil }

  /// Keys of the accounts that have not expired, sorted.
  func ids(now: Int64) -> [String] { index.filter { $0.value.expires == 0 || $0.value.expires > now }.keys.sorted() }

  /// What servers compare: the XOR of all digests.
  var digest: [UInt8] {
    index.values.reduce(into: [UInt8](repeating: 0, count: 32)) { sum, entry in
      for position in 0..<32 { sum[position] ^= entry.digest[position] }
    }
  }

  func fetch(_ id: String, _ completion: @escaping (Result<String?, LoginRefusal>) -> Void) {
    local(id) { [self] token in
      if let token { return completion(.success(token)) }
      guard let lookup else { return completion(.success(nil)) }
      lookup(id) { [self] found in
        guard let found, (try? Token.decode(found, as: AccountClaims.self))?.standard.subject == id else {
          return completion(.success(nil))
        }
        write(id, found) { _ in completion(.success(found)) }
      }
    }
  }

  /// What the folder has, without asking anybody.
  func local(_ id: String, _ completion: @escaping (String?) -> Void) {
    guard let entry = index[id] else { return completion(nil) }
    if settings.isCache && settings.timeToLive > 0, MonotonicClock.now() - entry.stored > Span.seconds(settings.timeToLive) {
      index[id] = nil
      return completion(nil)
    }
    uses += 1
    index[id]?.used = uses
    read([id]) { completion($0.first?.token) }
  }

  /// The tokens of the ids that have one.
  func read(_ ids: [String], _ completion: @escaping ([(id: String, token: String)]) -> Void) {
    let back = ShardBound<[(id: String, token: String)]>(shard) { completion($0) }
    let directory = directory
    let shard = shard
    files.async {
      let found = ids.compactMap { id in (try? directory.load(id)).flatMap { $0 }.map { (id: id, token: $0) } }
      shard.run { back.call(found) }
    }
  }

  func store(_ id: String, _ token: String, _ completion: @escaping (Result<String, LoginRefusal>) -> Void) {
    if !settings.isCache && settings.limit > 0 && index[id] == nil && index.count >= settings.limit {
      return completion(.failure(LoginRefusal("jwt store is full")))
    }
    let message = settings.isCache ? "jwt updated cache" : "jwt updated"
    write(id, token) { completion($0.map { message }) }
  }

  private func write(_ id: String, _ token: String, _ completion: @escaping (Result<Void, LoginRefusal>) -> Void) {
    guard let claims = try? Token.decode(token, as: AccountClaims.self) else {
      return completion(.failure(LoginRefusal("invalid account JWT")))
    }
    var evicted: String?
    if settings.isCache && settings.limit > 0 && index[id] == nil && index.count >= settings.limit {
      evicted = index.min { $0.value.used < $1.value.used }?.key
    }
    if let evicted { index[evicted] = nil }
    let back = ShardBound<FileError?>(shard) { [self] error in
      if let error { return completion(.failure(LoginRefusal("\(error)"))) }
      note(id, token, claims)
      completion(.success(()))
    }
    let directory = directory
    let shard = shard
    let old = evicted
    files.async {
      var failure: FileError?
      if let old { _ = try? directory.delete(old, keeping: false) }
      do throws(FileError) { try directory.save(id, token) } catch { failure = error }
      let result = failure
      shard.run { back.call(result) }
    }
  }

  /// Removes accounts, with those that are not there any more. The ones that could not be, and why.
  func delete(_ ids: [String], _ completion: @escaping ([String: FileError]) -> Void) {
    let back = ShardBound<[String: FileError]>(shard) { [self] failures in
      for id in ids where failures[id] == nil { index[id] = nil }
      completion(failures)
    }
    let directory = directory
    let shard = shard
    let keeping = !settings.hardDelete && !settings.isCache
    files.async {
      var failures: [String: FileError] = [:]
      for id in ids {
        do throws(FileError) { _ = try directory.delete(id, keeping: keeping) } catch { failures[id] = error }
      }
      let result = failures
      shard.run { back.call(result) }
    }
  }
}
