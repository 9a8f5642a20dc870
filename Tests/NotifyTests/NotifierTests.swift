import Fetch
import Foundation
import HTTPServer
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Notify

/// Receivers over real HTTP that take, fail, hang, and lie.
@Suite struct NotifierTests {
  /// A server that answers as it is told, and remembers what it was sent.
  private final class Receiver: Sendable {
    struct Got: Sendable {
      var path: String
      var body: [UInt8]
      var fields: [String: String]
    }

    let server: HTTPServer
    let listener: HTTPListener
    private let state = Mutex<(got: [Got], answers: [Int], kept: [HTTPResponder])>(([], [], []))

    init(_ answers: [Int] = []) throws {
      let box = Box()
      server = HTTPServer(HTTPServerConfiguration { box.receiver?.answer($0, $1) }, shards: ShardGroup(label: "test.receiver", count: 1))
      listener = try server.listen(host: "127.0.0.1", port: 0)
      state.withLock { $0.answers = answers }
      box.set(self)
    }

    deinit { server.stop(within: 0) {} }

    private final class Box: @unchecked Sendable {
      // Sendable: set once, before the first request.
      private(set) weak var receiver: Receiver?
      func set(_ receiver: Receiver) { self.receiver = receiver }
    }

    var got: [Got] { state.withLock { $0.got } }
    var url: String { "http://127.0.0.1:\(listener.port)" }

    /// 0 never answers.
    private func answer(_ request: HTTPRequest, _ responder: HTTPResponder) {
      let fields = Dictionary(request.head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
      let status = state.withLock { state in
        state.got.append(Got(path: request.head.rawPath, body: Array(request.body), fields: fields))
        return state.answers.isEmpty ? 200 : state.answers.removeFirst()
      }
      if status == 0 { return state.withLock { $0.kept.append(responder) } }
      responder.respond(
        HTTPResponse(status: status, headers: status == 302 ? [HTTPHeader("Location", "/elsewhere")] : []))
    }

    /// Sentences of the news, in order.
    var told: [String] {
      got.flatMap { got in
        ((try? JSONValue(parsing: got.body))?["news"]?.elements ?? []).map { "\($0["event"]?.string ?? "") \($0["subject"]?.string ?? "")" }
      }
    }
  }

  private final class Figures: Sendable {
    private let last = Mutex<[NotifyFigures]>([])
    var now: [NotifyFigures] { last.withLock { $0 } }
    func set(_ figures: [NotifyFigures]) { last.withLock { $0 = figures } }
  }

  private func news(_ kind: News.Kind, _ identity: String, _ severity: String = "warning") -> News {
    let opened = WallClock.now() - .seconds(60)
    return News(
      kind, identity: identity, code: "server_cpu", severity: severity, subject: identity, sentence: "\(identity) is hot.", opened: opened,
      ended: kind == .ended ? WallClock.now() : nil)
  }

  private func notifier(_ figures: Figures, _ targets: [String], secret: String = "") throws -> Notifier {
    let notifier = Notifier(name: "test", now: { WallClock.now() }) { figures.set($0) }
    notifier.apply(try settings(targets, secret: secret))
    return notifier
  }

  private func settings(_ targets: [String], secret: String = "") throws -> NotifySettings {
    var settings = NotifySettings()
    settings.targets = try targets.map { try NotifyTarget($0) }
    settings.holdOff = .zero
    settings.secret = Array(secret.utf8)
    return settings
  }

  @Test func newsArriveInOrderAndSigned() throws {
    let (receiver, figures) = (try Receiver(), Figures())
    let notifier = try notifier(figures, [receiver.url + "/hook"], secret: "key")
    defer { notifier.stop() }
    notifier.tell([news(.opened, "a")])
    try eventually("the first news") { receiver.told == ["opened a"] }
    notifier.tell([news(.ended, "a"), news(.opened, "b")])
    try eventually("the others") { receiver.told == ["opened a", "ended a", "opened b"] }
    for got in receiver.got {
      let time = try #require(got.fields["natsight-timestamp"].flatMap { Int64($0) })
      #expect(got.fields["natsight-signature"] == "sha256=" + NewsBody.signature(got.body, at: time, secret: Array("key".utf8)))
      #expect(got.path == "/hook" && got.fields["content-type"] == "application/json")
    }
    #expect(Set(receiver.got.compactMap { $0.fields["natsight-notification"] }).count == receiver.got.count)
    try eventually("figures") { figures.now.first?.delivered == 3 && figures.now.first?.waiting == 0 }
  }

  /// A try that failed is made again with the same id, and what was taken is never sent again.
  @Test func aReceiverThatFailsAndOneThatLies() throws {
    let (receiver, figures) = (try Receiver([500, 302]), Figures())
    let notifier = try notifier(figures, [receiver.url])
    defer { notifier.stop() }
    notifier.tell([news(.opened, "a"), news(.opened, "b")])
    try eventually("its trouble is told") { figures.now.first?.trouble == "it answers 500" && figures.now.first?.since != nil }
    try eventually("a redirect is no answer") { figures.now.first?.trouble == "it answers 302, and redirects are not followed" }
    try eventually("it is taken") { figures.now.first?.delivered == 2 && figures.now.first?.trouble == "" }
    #expect(receiver.got.count == 3 && Set(receiver.got.compactMap { $0.fields["natsight-notification"] }).count == 1)
    #expect(receiver.got.allSatisfy { $0.path == "/" }, "nobody followed")
    notifier.tell([news(.opened, "c")])
    try eventually("the next one") { receiver.told.last == "opened c" }
    #expect(receiver.told.filter { $0 == "opened a" }.count == 3 && receiver.got.count == 4)
  }

  @Test func oneThatHangsKeepsNobodyWaiting() throws {
    let (hanging, receiver, figures) = (try Receiver([0, 0, 0, 0]), try Receiver(), Figures())
    let gone = "http://user:secret@127.0.0.1:\(freePort())/path/secret"
    let notifier = try notifier(figures, [hanging.url, gone, receiver.url])
    defer { notifier.stop() }
    notifier.tell([news(.opened, "a")])
    try eventually("the others get it") { receiver.told == ["opened a"] && hanging.got.count == 1 }
    try eventually("who is gone is told of") { figures.now.count == 3 && !figures.now[1].trouble.isEmpty }
    #expect(!"\(figures.now)".contains("secret"), "\(figures.now)")
    notifier.tell([news(.ended, "a")])
    try eventually("the end too") { receiver.told == ["opened a", "ended a"] }
    #expect(hanging.got.count == 1, "one at a time")
  }

  @Test func receiversComeAndGo() throws {
    let (first, second, figures) = (try Receiver(), try Receiver(), Figures())
    let notifier = try notifier(figures, [first.url])
    defer { notifier.stop() }
    notifier.tell([news(.opened, "a")])
    try eventually("the first is told") { first.told == ["opened a"] }
    notifier.apply(try settings([first.url, second.url, second.url]))
    try eventually("a new one is told of what lasts, once") { second.told == ["opened a"] && figures.now.count == 2 }
    notifier.apply(try settings([second.url]))
    notifier.tell([news(.ended, "a")])
    try eventually("the end") { second.told == ["opened a", "ended a"] }
    #expect(first.told == ["opened a"])
  }

  /// What another severity had as a label is over.
  @Test func alertsOfAnotherSeverityAreOver() throws {
    let (receiver, figures) = (try Receiver(), Figures())
    let notifier = try notifier(figures, ["alertmanager+" + receiver.url])
    defer { notifier.stop() }
    func alerts() -> [(severity: String, isOver: Bool)] {
      receiver.got.flatMap { got in
        ((try? JSONValue(parsing: got.body))?.elements ?? []).map { alert in
          let end = alert["endsAt"]?.string.flatMap { Timestamp(rfc3339: $0) } ?? .zero
          return (alert["labels"]?["severity"]?.string ?? "", end <= WallClock.now())
        }
      }
    }
    notifier.tell([news(.opened, "a")])
    try eventually("it is told") { alerts().contains { $0 == ("warning", false) } }
    notifier.tell([news(.worsened, "a", "critical")])
    try eventually("the other is over") {
      alerts().contains { $0 == ("warning", true) } && alerts().contains { $0 == ("critical", false) }
    }
    notifier.tell([news(.ended, "a", "critical")])
    try eventually("it is over") { alerts().contains { $0 == ("critical", true) } }
    #expect(receiver.got.allSatisfy { $0.path == "/api/v2/alerts" })
  }
}
