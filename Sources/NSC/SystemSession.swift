import Dispatch
import Identity
import Logging
import NATSClient
import Reactor
import Synchronization
import Wire

/// A connection as a user of the system account, for one command. Its calls block; they are made off the connection's shard.
final class SystemSession {
  private let client: NATSClient
  private let shard = Shard(label: "nsc")

  /// Connects; gives up after `timeout` seconds.
  init(_ servers: [ServerURL], credentials: Credentials, tls: TLSOptions?, tlsFirst: Bool, timeout: Double) throws {
    var options = ClientOptions()
    options.servers = servers
    options.authentication = .jwt(credentials.jwt, seed: credentials.seed)
    options.tls = tls
    options.tlsFirst = tlsFirst
    options.name = "nsc"
    options.connectTimeout = timeout
    options.usesDiscoveredServers = false
    try options.checkFiles()
    let log = Logger(label: "nsc") { _ in SwiftLogNoOpLogHandler() }
    client = NATSClient(options: options, shard: shard, log: log)
    let ready = DispatchSemaphore(value: 0)
    let failure = Mutex<String?>("no answer within \(timeout) s")
    let client = client
    shard.run {
      client.onStateChange = { state in
        switch state {
        case .connected:
          failure.withLock { $0 = nil }
          ready.signal()
        case .disconnected(let loss, _):
          failure.withLock { if $0 != nil { $0 = loss.description } }
          ready.signal()
        default: break
        }
      }
      client.start()
    }
    _ = ready.wait(timeout: .now() + timeout)
    if let reason = failure.withLock({ $0 }) {
      close()
      throw NSCError("failed to connect to \(servers.map(\.description).joined(separator: ",")): \(reason)")
    }
  }

  /// The payloads that come within `timeout` seconds, or until `isLast` says so. Nil when nobody is subscribed.
  func gather(
    _ subject: String, _ payload: String, timeout: Double, isLast: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
  ) -> [[UInt8]]? {
    let answers = Mutex<[[UInt8]]>([])
    let nobody = Mutex(false)
    let done = DispatchSemaphore(value: 0)
    let client = client
    shard.run {
      let token = client.request(subject, payload: Array(payload.utf8)) { event in
        switch event {
        case .reply(let message):
          answers.withLock { $0.append(message.payload) }
          if isLast(message.payload) { done.signal() }
        case .noResponders, .disconnected:
          nobody.withLock { $0 = true }
          done.signal()
        }
      }
      if token == nil {
        nobody.withLock { $0 = true }
        done.signal()
      }
    }
    _ = done.wait(timeout: .now() + timeout)
    if nobody.withLock({ $0 }) { return nil }
    return answers.withLock { $0 }
  }

  func close() {
    let client = client
    shard.queue.sync { client.stop() }
  }
}
