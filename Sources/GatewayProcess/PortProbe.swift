import Dispatch
import Reactor
import Synchronization

/// Finds out who holds a port.
enum PortProbe {
  /// Whether what listens there greets as a NATS server does, within half a second. Blocks the caller.
  static func isNATSServer(host: String, port: UInt16) -> Bool {
    let shard = Shard(label: "natsight.probe")
    let greeting = Greeting()
    let target = host.isEmpty || host == "0.0.0.0" ? "127.0.0.1" : host
    Connector.connect(host: target, port: port, timeout: 0.5, shard: shard) { result in
      guard case .success(let connection) = result else {
        greeting.isOver.signal()
        return
      }
      connection.start(greeting)
    }
    _ = greeting.isOver.wait(timeout: .now() + 0.5)
    return greeting.isInfo.withLock { $0 }
  }

  private final class Greeting: ConnectionHandler, Sendable {
    let isInfo = Mutex(false)
    let isOver = DispatchSemaphore(value: 0)

    func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
      isInfo.withLock { $0 = bytes.starts(with: Array("INFO {".utf8)) }
      connection.close()
    }

    func connectionClosed(_ connection: Connection, cause: CloseCause) { isOver.signal() }
  }
}
