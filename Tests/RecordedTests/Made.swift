import Recorded
import SystemAPI
import Wire

/// Servers that are made up: documents as text.
enum Made {
  static func server(_ version: String = "2.10.0", name: String = "n1", more: String = "") -> [UInt8] {
    Array(#"{"name":"\#(name)","host":"0.0.0.0","id":"NABC","ver":"\#(version)"\#(more),"jetstream":true}"#.utf8)
  }

  /// - Parameter documents: By name, with an account behind a blank.
  static func recorded(_ version: String = "2.10.0", more: String = "", _ documents: [String: String]) -> RecordedServer {
    let kept = documents.mapValues { Array($0.utf8) }
    let found = RecordedDocuments(server: server(version, more: more)) { name, account in
      kept[account.map { "\(name.rawValue) \($0)" } ?? name.rawValue]
    }
    guard let found else { preconditionFailure("a server without id") }
    return RecordedServer(found)
  }

  /// - Parameter options: JSON members without braces.
  static func form(_ endpoint: Endpoint, _ options: String = "", account: String = "A") -> QuestionForm {
    QuestionRow(endpoint, options, account: account).form
  }

  static func text(_ reply: RecordedReply) -> String {
    if case .data(let bytes) = reply { return String(decoding: bytes, as: UTF8.self) }
    return "\(reply)"
  }

  static func connz(_ rows: [String], total: Int? = nil) -> String {
    #"{"server_id":"NABC","now":"2026-01-01T00:00:00Z","num_connections":\#(rows.count),"total":\#(total ?? rows.count),"offset":0,"limit":1024,"connections":[\#(rows.joined(separator: ","))]}"#
  }
}

/// The same numbers in every run.
struct Dice: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Rows of connz with values that repeat, in the order of their ids.
struct MadeConnections {
  struct Row {
    let cid: Int
    let text: String
    let account: String?
    let user: String?
  }

  let rows: [Row]

  init(_ count: Int, seed: UInt64) {
    var dice = Dice(seed)
    var cid = 4
    rows = (0..<count).map { _ in
      cid += Int.random(in: 1...3, using: &dice)
      let account = ["A", "B", nil].randomElement(using: &dice) ?? nil
      let user = ["u", "v", nil].randomElement(using: &dice) ?? nil
      var members = [
        #""cid":\#(cid)"#, #""kind":"Client""#, #""start":"2026-01-01T00:00:\#(10 + cid % 50).\#(100 + cid % 7)Z""#,
        #""last_activity":"2026-01-01T01:00:00.\#(Int.random(in: 1...999, using: &dice))Z""#,
        #""rtt":"\#(Int.random(in: 0...5, using: &dice))µs""#,
      ]
      for counter in ["pending_bytes", "in_msgs", "out_msgs", "in_bytes", "out_bytes", "subscriptions"] {
        members.append("\"\(counter)\":\(Int.random(in: 0...9, using: &dice))")
      }
      if let user { members.append(#""authorized_user":"\#(user)""#) }
      if let account { members.append(#""account":"\#(account)""#) }
      if Bool.random(using: &dice) { members.append(#""subscriptions_list":["s.\#(cid % 3)","x.\u003e"]"#) }
      if Bool.random(using: &dice) { members.append(#""of_tomorrow":{"a":[1,2,{"b":"}"}]}"#) }
      return Row(cid: cid, text: "{" + members.joined(separator: ",") + "}", account: account, user: user)
    }
  }
}
