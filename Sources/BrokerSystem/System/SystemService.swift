import BrokerCore
import Compression
import Identity
import Reactor
import SystemAPI
import Wire

/// The system account's side of the broker: it answers `$SYS.REQ.…` and publishes `$SYS` events.
/// Confined to the broker's shard.
package final class SystemService: BrokerObserver {
  unowned let server: Server
  let account: Account
  let object: ServerObject
  let monitor: Monitor
  let notes = SystemNotes()
  /// Re-reads the configuration; the sentence that it returns is what went wrong.
  let reload: (@Sendable () -> String?)?
  /// Accounts come from the configuration: claims cannot be updated.
  let refusesClaims: Bool
  /// In lame duck mode nothing more is said, as the matched server version does.
  var isSilent = false
  /// When each account's connection count was last published (monotonic).
  var connectionsToldAt: [String: MonotonicTime] = [:]
  var lastBroadcast = MonotonicTime.origin
  var broadcastInterval = 0.25
  var slices = SlicedReplies()
  private var ticker: ShardTimer?

  /// - Parameters:
  ///   - object: Writes the server object, with one sequence for everything that the server says.
  ///   - refusesClaims: Whether requests to update claims are answered with a refusal; operator mode serves them itself.
  package init(
    _ server: Server, account: Account, object: ServerObject, report: ServerReport, refusesClaims: Bool,
    reload: (@Sendable () -> String?)?
  ) {
    self.server = server
    self.account = account
    self.object = object
    self.refusesClaims = refusesClaims
    self.reload = reload
    monitor = Monitor(server, report, notes)
  }

  deinit { ticker?.cancel() }

  /// Subscribes to everything and begins to broadcast.
  package func start() {
    server.book.add(self)
    subscribeServerRequests()
    subscribeAccountRequests()
    if refusesClaims { subscribeClaimsRequests() }
    subscribeToOthers()
    server.services.later(broadcastInterval) { [weak self] in self?.broadcastPeriodically() }
    let tick = ShardBound<Void>(server.shard) { [weak self] _ in self?.second() }
    ticker = server.shard.every(1) { tick.call(()) }
  }

  private func second() {
    monitor.sampler.sample()
    guard !isSilent, !server.isStopped else { return }
    tellConnectionsAgain()
    forgetSilentServers()
  }

  // MARK: Answering

  func on(_ subject: String, _ handler: @escaping (SystemService, InternalMessage) -> Void) {
    server.router.subscribe(subject, in: account) { [weak self] message in
      guard let self, !isSilent, !server.isStopped else { return }
      handler(self, message)
    }
  }

  /// A reply with data that `write` makes, in the encoding that was asked for.
  func reply(to message: InternalMessage, _ write: (inout JSONWriter) throws(EndpointError) -> Void) {
    var json = begun()
    do throws(EndpointError) {
      try write(&json)
    } catch {
      return refuse(message, error, withData: true)
    }
    json.endObject()
    send(json.take(), to: message, encoded: true)
  }

  /// A reply up to its document: the server object, and the name of the member that the document is.
  func begun() -> JSONWriter {
    var json = JSONWriter(capacity: 4096)
    json.beginObject()
    json.key("server")
    object.write(&json)
    json.key("data")
    return json
  }

  /// A reply without data: done.
  func confirm(_ message: InternalMessage) {
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.key("server")
      object.write(&json)
    }
    send(json.bytes, to: message, encoded: true)
  }

  func refuse(_ message: InternalMessage, _ error: EndpointError, withData: Bool) {
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.key("server")
      object.write(&json)
      if withData, error.code == 500 {
        json.key("data")
        json.null()
      }
      json.member("error") { json in
        json.member("code", error.code)
        json.member("description", error.text)
      }
    }
    send(json.bytes, to: message, encoded: false)
  }

  func send(_ payload: consuming [UInt8], to message: InternalMessage, encoded: Bool) {
    guard !message.reply.isEmpty else { return }
    send(payload, to: ReplyTarget(message, encoded: encoded))
  }

  /// More than this is compressed on a worker.
  private static let largePayload = 65_536

  func send(_ payload: consuming [UInt8], to target: ReplyTarget) {
    guard let encoding = target.encoding else { return publish(payload, header: [], to: target) }
    let payload = payload
    guard payload.count > Self.largePayload else { return publish(encoding.encode(payload), or: payload, encoding, to: target) }
    let back = ShardBound<[UInt8]?>(server.shard) { [weak self] encoded in
      self?.publish(encoded, or: payload, encoding, to: target)
    }
    let shard = server.shard
    let isTaken = WorkerQueue.shared.run {
      let encoded = encoding.encode(payload)
      shard.run { back.call(encoded) }
    }
    if !isTaken { publish(encoding.encode(payload), or: payload, encoding, to: target) }
  }

  /// The encoded bytes, or where there was no memory for them the plain ones.
  private func publish(_ encoded: [UInt8]?, or payload: [UInt8], _ encoding: ContentEncoding, to target: ReplyTarget) {
    publish(encoded ?? payload, header: encoded == nil ? [] : encoding.header, to: target)
  }

  private func publish(_ payload: consuming [UInt8], header: [UInt8], to target: ReplyTarget) {
    server.router.publish(target.reply, reply: [], header: header, payload: payload, in: target.account)
  }

  /// Whether this server is among those that a request selects.
  func isMeant(_ request: RequestPayload) -> Bool {
    let configuration = server.configuration
    let exact = request.bool("exact_match")
    func matches(_ wanted: String, _ own: String) -> Bool {
      wanted.isEmpty || (exact ? own == wanted : own.contains(wanted))
    }
    guard matches(request.string("server_name"), server.serverName), matches(request.string("host"), configuration.host),
      matches(request.string("cluster"), configuration.clusterName ?? "")
    else { return false }
    guard request.strings("tags").allSatisfy({ configuration.tags.contains($0.lowercased()) }) else { return false }
    return request.string("domain").isEmpty
  }
}
