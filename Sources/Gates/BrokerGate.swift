import BrokerCore
import Dispatch
import Logging
import Reactor

extension Gate {
  private static let messages = 20_000

  /// From the bytes of a PUB to the bytes of the MSG that its one subscriber gets.
  static let route = Gate(name: "route", operation: "a message of 16 bytes to one subscriber", operations: messages) {
    var configuration = BrokerConfiguration()
    configuration.port = nil
    configuration.serverName = "gate"
    let shard = Shard(label: "gate")
    let log = Logger(label: "gate") { _ in SwiftLogNoOpLogHandler() }
    let server = try Server(configuration, ListenerCertificates(), shard: shard, log: log)
    return try shard.queue.sync {
      let publisher = try Party(server)
      let subscriber = try Party(server)
      subscriber.send("CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1}\r\nSUB orders.* 1\r\nSUB other.> 2\r\n")
      publisher.send("CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1}\r\n")
      let batch = Array(String(repeating: "PUB orders.eu 16\r\n0123456789abcdef\r\n", count: 1000).utf8)
      var out: [UInt8] = []
      var total = 0
      measure {
        for _ in 0..<(messages / 1000) {
          publisher.send(batch)
          subscriber.pair.read(into: &out)
          total += out.count
          out.removeAll(keepingCapacity: true)
        }
      }
      return total
    }
  }
}

/// One client of the server, whose bytes are handed over without a socket in between; what it gets goes to a socket.
private struct Party {
  let pair: SocketPair
  private let client: ClientConnection
  private let connection: Connection

  init(_ server: Server) throws {
    pair = try SocketPair()
    connection = Connection(fd: pair.inner, peer: .inProcess, shard: server.shard)
    server.adopt(connection, as: .account("$G", user: "gate"))
    guard let cid = server.book.clients.keys.max(), let client = server.book.clients[cid] else {
      throw GateError(description: "the server took no connection")
    }
    self.client = client
  }

  func send(_ bytes: [UInt8]) { bytes.withUnsafeBytes { client.connection(connection, received: $0) } }

  func send(_ text: String) { send(Array(text.utf8)) }
}
