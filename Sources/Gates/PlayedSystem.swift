import Dispatch
import Gateway
import Logging
import NATSClient
import Reactor
import Wire

/// A gateway inside this process, and the servers that it asks, played at the other end of its connection.
final class PlayedSystem {
  let gateway: Gateway
  private let shard: Shard
  private let pair: SocketPair
  private var incoming: [UInt8] = []

  init(_ count: Int) throws {
    let names = (0..<count).map { "n\($0)" }
    let pair = try SocketPair()
    self.pair = pair
    shard = Shard(label: "gate")
    var configuration = GatewayConfiguration()
    configuration.timeout = 30
    configuration.client.inProcess = { shard in Connection(fd: pair.inner, peer: .inProcess, shard: shard) }
    gateway = Gateway(configuration, shard: shard, log: Logger(label: "gate") { _ in SwiftLogNoOpLogHandler() })
    pair.write(
      Array(("INFO {\"server_id\":\"NGATE\",\"server_name\":\"n0\",\"version\":\"2.14.5\",\"headers\":true,\"proto\":1}\r\n").utf8))
    gateway.start()
    let statsz = try Captured.replies("STATSZ", of: names)
    for _ in 0..<600 {
      pair.read(into: &incoming, waiting: 100)
      while let line = nextLine() {
        if line == "PING" { pair.write(Array("PONG\r\n".utf8)) }
        if let inbox = PlayedSystem.inbox(line), line.hasPrefix("PUB $SYS.REQ.SERVER.PING ") {
          pair.write(PlayedSystem.messages(statsz, to: inbox))
        }
      }
      if shard.queue.sync(execute: { gateway.settledCount }) == count { return }
    }
    throw GateError(description: "the gateway does not see its \(count) servers")
  }

  /// Runs on the gateway's shard; nothing else happens there meanwhile.
  func run(_ body: () -> Void) { shard.queue.sync(execute: body) }

  /// Hands the gateway every server's reply to the request that it has just made, as if it had come over the wire.
  func deliver(_ replies: [[UInt8]]) {
    gateway.ownClient.flush()
    pair.read(into: &incoming)
    while let line = nextLine() {
      guard let inbox = PlayedSystem.inbox(line) else { continue }
      PlayedSystem.messages(replies, to: inbox).withUnsafeBytes { gateway.ownClient.received($0) }
    }
  }

  private static func messages(_ replies: [[UInt8]], to inbox: String) -> [UInt8] {
    let start = "MSG \(inbox) 1 "
    var out: [UInt8] = []
    out.reserveCapacity(replies.reduce(0) { $0 + $1.count + start.utf8.count + 16 })
    for reply in replies {
      out.append(contentsOf: start.utf8)
      DecimalText.append(reply.count, to: &out)
      out.append(contentsOf: [0x0D, 0x0A])
      out.append(contentsOf: reply)
      out.append(contentsOf: [0x0D, 0x0A])
    }
    return out
  }

  private func nextLine() -> String? {
    guard let end = incoming.firstIndex(of: 0x0A) else { return nil }
    let line = String(decoding: incoming[..<end], as: UTF8.self)
    incoming.removeSubrange(...end)
    return line.last == "\r" ? String(line.dropLast()) : line
  }

  /// Where the replies to a PUB or HPUB are to go.
  private static func inbox(_ line: String) -> String? {
    let words = line.split(separator: " ")
    guard words.count >= 4, words[0] == "PUB" || words[0] == "HPUB" else { return nil }
    return String(words[2])
  }
}
