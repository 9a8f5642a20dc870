import Foundation
import TestSupport

/// One thing that a scripted client does.
enum Step {
  /// Opens a connection under a name.
  case open(String)
  /// The same on the port for leaf nodes.
  case openLeaf(String)
  /// Takes a message and publishes a text on its reply subject.
  case reply(String, String)
  /// The same with an empty text and a reply subject of its own.
  case replyAskingBack(String, String)
  /// Sends bytes as they are.
  case send(String, String)
  /// Sends PING and takes everything up to its PONG.
  case sync(String)
  /// Takes everything until the server closes.
  case end(String)
  /// Takes so many lines.
  case lines(String, Int)
}

/// Plays steps against a port and tells what came back, with what must differ between runs made equal.
enum Transcript {
  static func play(_ steps: [Step], port: UInt16, leafPort: UInt16? = nil) throws -> [String] {
    var connections: [String: RawConnection] = [:]
    var result: [String] = []
    func line(_ connection: RawConnection, _ name: String) throws -> String {
      let text = try connection.readLine()
      // What a leaf node is told of interest has no order; the scripts are about messages.
      if !text.hasPrefix("LS"), !isNew(text) { result.append("\(name): \(normal(text))") }
      return text
    }
    for step in steps {
      switch step {
      case .open(let name): connections[name] = try RawConnection(port: port)
      case .openLeaf(let name): connections[name] = try RawConnection(port: leafPort ?? 0)
      case .reply(let name, _), .replyAskingBack(let name, _):
        guard let connection = connections[name] else { continue }
        let answer: (String) -> String = {
          if case .reply(_, let text) = step { return "PUB \($0) \(text.utf8.count)\r\n\(text)\r\n" }
          if case .replyAskingBack(_, let back) = step { return "PUB \($0) \(back) 0\r\n\r\n" }
          return ""
        }
        while true {
          let line = try line(connection, name)
          let fields = line.split(separator: " ")
          guard line.hasPrefix("MSG ") && fields.count == 5 || line.hasPrefix("HMSG ") && fields.count == 6 else { continue }
          try connection.send(answer(String(fields[3])))
          break
        }
      case .send(let name, let text): try connections[name]?.send(text)
      case .sync(let name):
        guard let connection = connections[name] else { continue }
        try connection.send("PING\r\n")
        while try line(connection, name) != "PONG" {}
      case .lines(let name, let count):
        guard let connection = connections[name] else { continue }
        var left = count
        while left > 0 { if try !line(connection, name).hasPrefix("INFO ") { left -= 1 } }
      case .end(let name):
        let text = String(decoding: try connections[name]?.readToEnd() ?? [], as: UTF8.self)
        for line in text.split(separator: "\r\n") where !line.hasPrefix("INFO ") { result.append("\(name): \(normal(String(line)))") }
        result.append("\(name): closed")
      }
    }
    return result
  }

  /// The messages between two lines of another kind in the order of their text.
  static func sorted(_ lines: [String]) -> [String] {
    var result: [String] = []
    var messages: [[String]] = []
    func flush() {
      result += messages.sorted { $0.lexicographicallyPrecedes($1) }.joined()
      messages = []
    }
    for line in lines {
      if line.contains(#/^\w+: H?MSG /#) {
        messages.append([line])
      } else if line.contains(#/^\w+: (PONG$|-ERR|\+OK)/#) || messages.isEmpty {
        flush()
        result.append(line)
      } else {
        messages[messages.count - 1].append(line)
      }
    }
    flush()
    return result
  }

  /// INFO, and the header that newer servers add to a 503.
  private static func isNew(_ line: String) -> Bool { line.hasPrefix("INFO ") || line.hasPrefix("Nats-Subject: ") }

  /// Random names and times out.
  private static func normal(_ line: String) -> String {
    var text = line.replacing(#/_R_\.\w{6}\.\w{6}/#, with: "_R_.x.y")
    text = text.replacing(#/"rtt":\d+/#, with: "\"rtt\":0").replacing(#/,"server":"\w+"/#, with: "")
    // Groups have no order.
    if let groups = text.firstMatch(of: #/^(LMSG .* [|+](?: rep)?) ([a-z ]+) (\d+)$/#) {
      let names = groups.output.2.split(separator: " ").sorted().joined(separator: " ")
      text = "\(groups.output.1) \(names) \(groups.output.3)"
    }
    if text.hasPrefix("HMSG ") { text = text.replacing(#/ \d+ \d+$/#, with: " n n") }
    return text
  }
}
