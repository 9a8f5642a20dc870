import Identity
import Logging
import Reactor
import Wire

/// Asks authorization services who somebody is: a request that the server has signed goes to `$SYS.REQ.USER.AUTH` in the service's account,
/// and what comes back is a user's token, or why there is none (nats-server: server/auth_callout.go). Nobody is kept waiting by it but the
/// connection that it is about. Confined to the shard.
package final class AuthCallout {
  package static let subject = "$SYS.REQ.USER.AUTH"
  /// Requests under way at one time; more wait for their turn. Workers take more than twice as many.
  var limit = 512
  /// Seconds until workers who have too much to do are asked again.
  private static let respite = 0.01
  /// The largest answer that is looked at, bytes.
  private static let largestAnswer = 1 << 20

  /// Whom is asked.
  package struct Service {
    /// Where it listens.
    let account: Account
    /// What the request's token is about: the account key that signs answers.
    let subject: String
    /// What requests are sealed for; nil: they are not.
    let curveKey: KeyPair?

    /// Nil where `curveKey` is not empty and no curve key.
    package init?(_ account: Account, subject: String, curveKey: String) {
      self.account = account
      self.subject = subject
      self.curveKey = curveKey.isEmpty ? nil : try? KeyPair(publicKey: curveKey)
      if !curveKey.isEmpty && self.curveKey?.kind != .curve { return nil }
    }
  }

  package typealias Completion = (Result<AuthCalloutAnswer, LoginRefusal>) -> Void

  /// One request on its way.
  private final class Question {
    let id: UInt64
    let service: Service
    let client: ClientConnection
    let options: ConnectOptions
    let login: AuthenticatedIdentity?
    let completion: Completion
    /// The key that the answer has to be about; empty until the request is made.
    var userKey = ""
    var inbox: InternalSubscription?
    var isUnderWay = false

    init(
      _ id: UInt64, _ service: Service, _ client: ClientConnection, _ options: ConnectOptions, _ login: AuthenticatedIdentity?,
      _ completion: @escaping Completion
    ) {
      self.id = id
      self.service = service
      self.client = client
      self.options = options
      self.login = login
      self.completion = completion
    }
  }

  private let services: Services
  private let router: Router
  /// Those that are asked or wait, by their number, and the one that is about a connection.
  private var open: [UInt64: Question] = [:]
  private var ofClient: [UInt64: UInt64] = [:]
  private var lastID: UInt64 = 0
  private var underWay = 0
  /// Questions that have no answer yet.
  var count: Int { open.count }
  private var waiting: [Question] = []
  private var nextWaiting = 0

  init(_ services: Services, _ router: Router) {
    self.services = services
    self.router = router
  }

  /// Asks about a connection that says who it is. `completion` is called once, on the shard, later; perhaps not for a connection that has
  /// gone meanwhile, or that is asked about again: the last question counts.
  ///
  /// - Parameter login: Who it is by the server's own judgement, which is not the last word.
  package func ask(
    _ service: Service, about client: ClientConnection, _ options: ConnectOptions, login: AuthenticatedIdentity? = nil,
    completion: @escaping Completion
  ) {
    if let before = ofClient[client.cid].flatMap({ open[$0] }) { forget(before) }
    lastID += 1
    let question = Question(lastID, service, client, options, login, completion)
    open[question.id] = question
    ofClient[client.cid] = question.id
    waiting.append(question)
    if !client.isRegistered {
      // From here on this is what it waits for, and no longer than it would have waited for its CONNECT.
      client.authenticationDue = .distantFuture
      client.updateDeadline()
      limitTime(of: question)
    }
    proceed()
  }

  private func limitTime(of question: Question) {
    services.later(services.authenticationTimeout) { [weak self, id = question.id] in
      guard let self, let question = open[id] else { return }
      let name = GoQuote.quoted(question.service.account.name)
      end(question, .failure(LoginRefusal("Authorization callout response not received in time on account \(name)")))
    }
  }

  private func proceed() {
    while underWay < limit, nextWaiting < waiting.count {
      let question = waiting[nextWaiting]
      nextWaiting += 1
      if open[question.id] == nil { continue }
      if question.client.isClosed {
        forget(question)
        continue
      }
      question.isUnderWay = true
      underWay += 1
      // After a reload all who are in are asked about at once: the time of each begins with its turn.
      if question.client.isRegistered { limitTime(of: question) }
      begin(question)
    }
    guard nextWaiting == waiting.count || nextWaiting > 1_024 else { return }
    waiting.removeFirst(nextWaiting)
    nextWaiting = 0
  }

  private func end(_ question: Question, _ result: Result<AuthCalloutAnswer, LoginRefusal>) {
    guard open[question.id] != nil else { return }
    forget(question)
    question.completion(result)
    proceed()
  }

  private func forget(_ question: Question) {
    open[question.id] = nil
    if ofClient[question.client.cid] == question.id { ofClient[question.client.cid] = nil }
    if let inbox = question.inbox { router.unsubscribe(inbox) }
    question.inbox = nil
    if question.isUnderWay { underWay -= 1 }
    question.isUnderWay = false
  }

  // MARK: The request

  private func begin(_ question: Question) {
    let timeout = services.authenticationTimeout
    let now = WallClock.now().seconds
    var claims = AuthCalloutRequest(services, question.client, question.options, question.login).claims
    claims.standard.subject = question.service.subject
    claims.standard.audience = "nats-authorization-request"
    claims.standard.expires = now + Int64(timeout)
    let (key, recipient) = (services.key, question.service.curveKey)
    let own = recipient.map { _ in services.curveKey }
    claims.server.curveKey = own?.publicKey ?? ""
    let request = claims
    let back = ShardBound<Result<(payload: [UInt8], userKey: String), LoginRefusal>>(services.shard) { [self] result in
      switch result {
      case .success(let made):
        question.userKey = made.userKey
        send(made.payload, question, own)
      case .failure(let refusal): end(question, .failure(refusal))
      }
    }
    let shard = services.shard
    let isTaken = WorkerQueue.shared.run {
      let result = Result { () throws -> (payload: [UInt8], userKey: String) in
        var request = request
        request.userKey = KeyPair.generate(.user).publicKey
        let token = Array(try Token.encode(request, signer: key, now: now).utf8)
        guard let recipient, let own else { return (token, request.userKey) }
        return (try own.seal(token, to: recipient), request.userKey)
      }.mapError { LoginRefusal("Error encoding auth request claim: \($0)", loud: true) }
      shard.run { back.call(result) }
    }
    if !isTaken { again(question) { [self] in begin(question) } }
  }

  /// There is too much to do just now; its time runs on.
  private func again(_ question: Question, _ step: @escaping () -> Void) {
    services.later(Self.respite) { [self] in if open[question.id] != nil { step() } }
  }

  private func send(_ payload: [UInt8], _ question: Question, _ own: KeyPair?) {
    guard open[question.id] != nil else { return }
    let reply = "$SYS._INBOX.\(NUID.next())"
    let account = question.service.account
    question.inbox = router.subscribe(reply, in: account) { [weak self, id = question.id] message in
      guard let self, let question = open[id] else { return }
      answered(question, message, own)
    }
    let header = own.map { "NATS/1.0\r\nNats-Server-Xkey: \($0.publicKey)\r\n\r\n" } ?? ""
    router.publish(AuthCallout.subject, reply: reply, header: Array(header.utf8), payload: payload, in: account)
  }

  // MARK: The answer

  private func answered(_ question: Question, _ message: InternalMessage, _ own: KeyPair?) {
    if let inbox = question.inbox { router.unsubscribe(inbox) }
    question.inbox = nil
    guard message.payload.count <= Self.largestAnswer else {
      return end(question, .failure(LoginRefusal("Auth callout violation: an answer of \(message.payload.count) bytes", loud: true)))
    }
    judge(Array(message.payload), question, own)
  }

  private func judge(_ payload: [UInt8], _ question: Question, _ own: KeyPair?) {
    let judge = AuthCalloutAnswer.Judge(
      account: question.service.account.name, userKey: question.userKey, serverID: services.serverID, own: own,
      sender: question.service.curveKey, now: WallClock.now().seconds)
    let back = ShardBound<Result<AuthCalloutAnswer, LoginRefusal>>(services.shard) { [self] in end(question, $0) }
    let shard = services.shard
    let isTaken = WorkerQueue.shared.run {
      let result = Result { () throws(LoginRefusal) in try judge.read(payload) }
      shard.run { back.call(result) }
    }
    if !isTaken { again(question) { [self] in self.judge(payload, question, own) } }
  }
}
