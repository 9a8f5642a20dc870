import BrokerCore
import Identity
import Reactor
import Wire

/// The system account's side of the broker: it answers `$SYS.REQ.…` and publishes `$SYS` events.
/// Confined to the broker's shard.
final class SystemService: BrokerObserver {
  unowned let broker: Broker
  let account: Account
  let monitor: Monitor
  var sequence: UInt64 = 0
  /// In lame duck mode nothing more is said, as the matched server version does.
  var isSilent = false
  /// Servers heard of, by id, with the time of the last word (monotonic); leaf nodes bring them.
  var otherServers: [String: UInt64] = [:]
  /// When each account's connection count was last published (monotonic).
  var connectionsToldAt: [String: UInt64] = [:]
  /// What went over leaf nodes that are gone, by account.
  var goneLeafs: [String: LeafTraffic] = [:]
  var lastBroadcast: UInt64 = 0
  var broadcastInterval = 0.25
  private var ticker: ShardTimer?

  init(broker: Broker, account: Account) {
    self.broker = broker
    self.account = account
    monitor = Monitor(broker: broker)
    monitor.system = self
  }

  deinit { ticker?.cancel() }

  /// Subscribes to everything and begins to broadcast.
  func start() {
    broker.addObserver(self)
    subscribeServerRequests()
    subscribeAccountRequests()
    subscribeClaimsRequests()
    subscribeToOthers()
    broker.later(broadcastInterval) { [weak self] in self?.broadcastPeriodically() }
    let tick = ShardBound<Void>(broker.shard) { [weak self] _ in self?.second() }
    ticker = broker.shard.every(1) { tick.call(()) }
  }

  private func second() {
    monitor.sampler.sample()
    guard !isSilent, !broker.isStopped else { return }
    tellConnectionsAgain()
    forgetSilentServers()
  }

  // MARK: Answering

  func on(_ subject: String, _ handler: @escaping (SystemService, InternalMessage) -> Void) {
    broker.subscribe(subject, in: account) { [unowned self] message in
      guard !isSilent, !broker.isStopped else { return }
      handler(self, message)
    }
  }

  /// A reply with data that `write` makes, in the encoding that was asked for.
  func reply(to message: InternalMessage, _ write: (inout JSONWriter) throws(EndpointError) -> Void) {
    var data = JSONWriter(capacity: 2048)
    do throws(EndpointError) {
      try write(&data)
    } catch {
      return refuse(message, error, withData: true)
    }
    var json = JSONWriter(capacity: data.bytes.count + 512)
    json.object { json in
      json.key("server")
      writeServer(&json)
      json.member("data", raw: data.bytes)
    }
    send(json.bytes, to: message, encoded: true)
  }

  /// A reply without data: done.
  func confirm(_ message: InternalMessage) {
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.key("server")
      writeServer(&json)
    }
    send(json.bytes, to: message, encoded: true)
  }

  func refuse(_ message: InternalMessage, _ error: EndpointError, withData: Bool) {
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.key("server")
      writeServer(&json)
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

  func send(_ payload: [UInt8], to message: InternalMessage, encoded: Bool) {
    guard !message.reply.isEmpty else { return }
    let encoding = encoded ? ReplyEncoding.requested(in: message.header) : nil
    broker.publish(
      Array(message.reply), reply: [], header: encoding?.header ?? [], payload: encoding?.encode(payload) ?? payload, in: message.account)
  }

  /// Whether this server is among those that a request selects.
  func isMeant(_ request: RequestPayload) -> Bool {
    let configuration = broker.configuration
    let exact = request.bool("exact_match")
    func matches(_ wanted: String, _ own: String) -> Bool {
      wanted.isEmpty || (exact ? own == wanted : own.contains(wanted))
    }
    guard matches(request.string("server_name"), broker.serverName), matches(request.string("host"), configuration.host),
      matches(request.string("cluster"), configuration.clusterName ?? "")
    else { return false }
    guard request.strings("tags").allSatisfy({ configuration.tags.contains($0.lowercased()) }) else { return false }
    return request.string("domain").isEmpty
  }
}

extension Broker {
  /// Puts the system services in force; once, before the first connection.
  func startSystemServices() {
    guard let systemAccount, system == nil else { return }
    let service = SystemService(broker: self, account: systemAccount)
    system = service
    service.start()
  }
}
