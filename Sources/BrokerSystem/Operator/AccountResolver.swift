import BrokerCore
import Fetch
import Identity
import Reactor

/// Where account tokens come from. Called on the broker's shard; completions come on it too, at once or later.
protocol AccountResolver: AnyObject {
  /// The token of an account; nil: unknown.
  func fetch(_ id: String, _ completion: @escaping (Result<String?, LoginRefusal>) -> Void)
  /// A token that came by a claims update. The text is the answer's message; nil when only accounts in use are updated.
  func store(_ id: String, _ token: String, _ completion: @escaping (Result<String, LoginRefusal>) -> Void)
}

/// Only what the configuration holds, and updates of it until the server ends.
final class MemoryResolver: AccountResolver {
  private var tokens: [String: String] = [:]

  init(_ preload: [(account: String, jwt: String)]) { replace(preload) }

  /// Forgets what was there, updates included.
  func replace(_ preload: [(account: String, jwt: String)]) {
    tokens = [:]
    for (account, jwt) in preload { tokens[account] = jwt }
  }

  func fetch(_ id: String, _ completion: @escaping (Result<String?, LoginRefusal>) -> Void) { completion(.success(tokens[id])) }

  func store(_ id: String, _ token: String, _ completion: @escaping (Result<String, LoginRefusal>) -> Void) {
    tokens[id] = token
    completion(.success("jwt updated"))
  }
}

/// Fetched over HTTP, each account when it is first needed. Nothing is remembered about failures.
final class URLResolver: AccountResolver {
  /// Workers of their own: a resolver that hangs must not keep password hashes and compression waiting.
  private static let workers = WorkerQueue(width: 4)
  private let base: String
  private let tls: OperatorModeOptions.ResolverTLS?
  private let shard: Shard

  init(_ url: String, tls: OperatorModeOptions.ResolverTLS?, shard: Shard) {
    base = url.hasSuffix("/") ? url : url + "/"
    self.tls = tls
    self.shard = shard
  }

  /// The request for the base, or with a key behind it for an account.
  static func request(_ url: String, _ tls: OperatorModeOptions.ResolverTLS?) -> FetchRequest {
    var request = FetchRequest(url: url)
    // A missing slash is added to the base only.
    if let last = url.split(separator: "/").last, !KeyPair.isPublicKey(String(last), .account), !url.hasSuffix("/") { request.url += "/" }
    request.timeout = 1.9
    request.limit = Token.limit + 2
    if let tls {
      request.caFile = tls.caFile
      request.certificateFile = tls.certificateFile
      request.keyFile = tls.keyFile
      request.insecure = tls.insecure
    }
    return request
  }

  func fetch(_ id: String, _ completion: @escaping (Result<String?, LoginRefusal>) -> Void) {
    let request = Self.request(base + id, tls)
    let back = ShardBound<Result<String?, LoginRefusal>>(shard) { completion($0) }
    let shard = shard
    let isTaken = Self.workers.run {
      let result: Result<String?, LoginRefusal>
      do throws(FetchError) {
        let answer = try Fetch.perform(request)
        result =
          answer.status == 200 ? .success(answer.text) : .failure(LoginRefusal("could not fetch <\"\(request.url)\">: \(answer.status)"))
      } catch {
        result = .failure(LoginRefusal("could not fetch <\"\(request.url)\">: \(error)"))
      }
      shard.run { back.call(result) }
    }
    if !isTaken { completion(.failure(LoginRefusal("could not fetch <\"\(request.url)\">: too many accounts are being fetched"))) }
  }

  func store(_ id: String, _ token: String, _ completion: @escaping (Result<String, LoginRefusal>) -> Void) {
    completion(.success("jwt updated"))
  }
}
