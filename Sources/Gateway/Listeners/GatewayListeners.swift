import HTTPServer
import Logging
import Reactor
import Synchronization

/// The gateway's listeners, kept in step with the settings over reloads: those that stay keep their connections.
public final class GatewayListeners: Sendable {
  /// One listener with what it grants.
  private final class Entry: Sendable {
    let key: String
    let gate: ListenerGate
    private let state = Mutex<HTTPListener?>(nil)

    init(_ key: String, _ mount: ListenerMount) {
      self.key = key
      gate = ListenerGate(mount)
    }

    var listener: HTTPListener? { state.withLock { $0 } }

    func opened(_ listener: HTTPListener) { state.withLock { $0 = listener } }

    /// The listener is let go of: it holds the handler that holds the gate, and its TLS context with the key.
    func close() {
      gate.close()
      state.withLock { $0 = nil }
    }
  }

  private let server: HTTPServer
  private let door: Door
  private let log: Logger
  private let entries = Mutex<[Entry]>([])

  public init(server: HTTPServer, door: Door, log: Logger) {
    self.server = server
    self.door = door
    self.log = log
  }

  /// The addresses listened on, in the order they were given.
  public var addresses: [PeerAddress] { places.map { $0.address } }

  /// The same, each with what is served there.
  public var places: [(address: PeerAddress, mount: ListenerMount)] {
    entries.withLock { $0 }.compactMap { entry in entry.listener.map { (address: $0.address, mount: entry.gate.now.mount) } }
  }

  /// Opens what is new, closes what is gone, and changes prefix, role and certificate of what stays. On an error
  /// nothing is changed.
  ///
  /// - Throws: `AccessError` for what may not be, and for a port that cannot be had.
  public func apply(_ wanted: [ListenAddress], options: AccessOptions, tls: TLSContext?) throws(AccessError) {
    for address in wanted { try address.check(options) }
    let current = entries.withLock { $0 }
    var kept: [Entry] = []
    var opened: [Entry] = []
    for address in wanted {
      let key = "\(address.host):\(address.port)"
      if let entry = current.first(where: { entry in
        entry.key == key && !kept.contains { $0 === entry }
      }) {
        kept.append(entry)
        continue
      }
      do throws(AccessError) {
        let entry = try open(address, key, tls)
        opened.append(entry)
        kept.append(entry)
      } catch {
        opened.forEach(close)
        throw error
      }
    }
    do throws(AccessError) {
      try door.replace(options)
    } catch {
      opened.forEach(close)
      throw error
    }
    for (entry, address) in zip(kept, wanted) {
      entry.gate.replace(address.mount)
      entry.listener?.replaceTLS(tls)
    }
    for entry in current where !kept.contains(where: { $0 === entry }) {
      close(entry)
      log.info("stopped listening", metadata: ["address": "\(entry.key)"])
    }
    entries.withLock { [kept] in $0 = kept }
    door.reviewStreams()
    for address in wanted where options.policy == nil && !address.isLoopback {
      log.warning("anybody who reaches this address may read everything but secrets", metadata: ["address": "\(address)"])
    }
  }

  private func close(_ entry: Entry) {
    if let listener = entry.listener { server.close(listener) }
    entry.close()
  }

  private func open(_ address: ListenAddress, _ key: String, _ tls: TLSContext?) throws(AccessError) -> Entry {
    let entry = Entry(key, address.mount)
    do throws(SocketError) {
      let listener = try server.listen(host: address.host, port: address.port, tls: tls) { [door, gate = entry.gate] request, responder in
        door.handle(request, responder, gate: gate)
      }
      entry.opened(listener)
      let scheme = tls == nil ? "http" : "https"
      log.info(
        "listening", metadata: ["url": "\(scheme)://\(listener.address)\(address.mount.basePath)", "prefix": "\(address.mount.prefix)"])
      return entry
    } catch {
      throw AccessError("\(error); choose another address with --listen")
    }
  }
}
