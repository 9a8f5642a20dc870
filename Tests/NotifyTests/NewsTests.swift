import Testing
import Wire

@testable import Notify

@Suite struct NotifyTargetTests {
  @Test func formsAndWhatIsShownOfThem() throws {
    for (text, form, url, shown) in [
      ("http://h", .document, "http://h", "http://h"), ("HTTPS://u:p@h:1/x?y=z", .document, "HTTPS://u:p@h:1/x?y=z", "https://h:1"),
      ("alertmanager+http://am:9093", .alertmanager, "http://am:9093/api/v2/alerts", "alertmanager+http://am:9093"),
      ("alertmanager+https://am/prefix/", .alertmanager, "https://am/prefix/api/v2/alerts", "alertmanager+https://am"),
      ("alertmanager+http://am/api/v2/alerts", .alertmanager, "http://am/api/v2/alerts", "alertmanager+http://am"),
      ("chat+https://hooks.example/T0/SECRET", .chat, "https://hooks.example/T0/SECRET", "chat+https://hooks.example"),
    ] as [(String, NotifyTarget.Form, String, String)] {
      let target = try NotifyTarget(text)
      #expect(target.form == form && target.url == url && target.shown == shown, "\(text): \(target)")
    }
  }

  @Test func whatIsNone() {
    for text in [
      "", "h:80", "ftp://h", "http://", "https:///path", "chat+h", "mail+http://h", "http://u:secret@", "http://h/ x", "http://h/\n",
      "alertmanager+http://h?x=secret", "http://h#secret", "chat+ftp://u:secret@h", "http://" + String(repeating: "x", count: 3000),
    ] {
      do throws(NotifyTarget.Invalid) {
        let target = try NotifyTarget(text)
        Issue.record("taken: \(target)")
      } catch {
        #expect(!error.description.contains("secret") && error.description.utf8.count < 200, "\(error)")
      }
    }
  }
}

@Suite struct NewsDeskTests {
  private static func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_796_000_000 + seconds) }

  private func news(_ kind: News.Kind, _ identity: String, _ severity: String = "warning", opened: Int64 = 0) -> News {
    News(
      kind, identity: identity, code: "server_cpu", severity: severity, subject: identity, sentence: "\(identity) is hot.",
      opened: Self.time(opened), ended: kind == .ended ? Self.time(opened + 100) : nil)
  }

  @Test func whatDoesNotLastIsNotTold() {
    var desk = NewsDesk(holdOff: .seconds(30))
    #expect(desk.take([news(.opened, "a"), news(.opened, "b")]).isEmpty && desk.due().isEmpty)
    desk.take(Look(at: Self.time(29)))
    #expect(desk.due().isEmpty)
    #expect(desk.take([news(.ended, "b")]).isEmpty, "nobody was told of it")
    desk.take(Look(at: Self.time(31), uncertain: ["server_cpu"]))
    #expect(desk.due().isEmpty, "a look that says nothing of its check found nothing again")
    desk.take(Look(at: Self.time(32)))
    #expect(desk.due().map(\.identity) == ["a"] && desk.due().isEmpty)
    #expect(desk.standing.map(\.identity) == ["a"])
    #expect(desk.take([news(.ended, "a")]).map(\.kind) == [.ended] && desk.standing.isEmpty)
    #expect(desk.take([news(.ended, "a")]).isEmpty, "never twice")
  }

  @Test func whatBecomesWorseIsToldOnce() {
    var desk = NewsDesk(holdOff: .zero)
    _ = desk.take([news(.opened, "a")])
    // Before it is told it is told as it is.
    #expect(desk.take([news(.worsened, "a", "critical")]).isEmpty)
    #expect(desk.due().map(\.severity) == ["critical"])
    #expect(desk.take([news(.eased, "a", "info")]).isEmpty && desk.standing.map(\.severity) == ["info"])
    #expect(desk.take([news(.worsened, "a", "critical")]).isEmpty, "it was told as critical")
    _ = desk.take([news(.opened, "b", "info")])
    _ = desk.due()
    #expect(desk.take([news(.worsened, "b", "warning"), news(.worsened, "b", "critical")]).map(\.severity) == ["warning", "critical"])
    #expect(desk.take([news(.worsened, "unheard", "critical")]).isEmpty)
  }

  @Test func inTheOrderInWhichTheyBegan() {
    var desk = NewsDesk(holdOff: .seconds(1))
    _ = desk.take((0..<50).map { news(.opened, "n\(99 - $0)", opened: Int64($0)) })
    desk.take(Look(at: Self.time(1000)))
    let due = desk.due()
    #expect(due.map(\.opened) == due.map(\.opened).sorted() && due.count == 50)
    _ = desk.take((0...NewsDesk.most).map { news(.opened, "m\($0)") })
    desk.take(Look(at: Self.time(2000)))
    #expect(desk.due().count == NewsDesk.most - 50)
  }

  @Test func aQueueWaitsLongerAndLonger() throws {
    var queue = NewsQueue(name: "q")
    queue.add([news(.opened, "a")], at: Self.time(0))
    queue.add([news(.ended, "a")], at: Self.time(1))
    var now = Self.time(1)
    var waits: [Int64] = []
    for _ in 0..<9 {
      let next = queue.next(at: now)
      let delivery = try #require(next)
      #expect(delivery.id == "q-1", "the first one first, under one id")
      queue.failed("no", at: now)
      let failed = now
      while queue.next(at: now) == nil { now = now + .seconds(1) }
      waits.append((now - failed).wholeSeconds)
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    #expect(queue.trouble?.sentence == "no" && queue.trouble?.since == Self.time(1))
    let last = queue.next(at: now)
    queue.succeeded(try #require(last))
    let after = queue.next(at: now)
    #expect(queue.trouble == nil && queue.delivered == 1 && queue.tries == 10 && after?.id == "q-2")
  }

  @Test func whatIsTooOldOrTooMuchIsGivenUp() throws {
    var queue = NewsQueue(name: "q")
    queue.add((0..<250).map { news(.opened, "n\($0)") }, at: Self.time(0))
    let first = queue.next(at: Self.time(1))
    #expect(queue.count == 3 && first?.news.count == NewsQueue.mostNews)
    queue.failed("no", at: Self.time(1))
    let late = queue.next(at: Self.time(4000))
    #expect(late == nil && queue.givenUp == 250 && queue.count == 0)
    for number in 0...NewsQueue.most { queue.add([news(.opened, "m\(number)")], at: Self.time(5000)) }
    let oldest = queue.next(at: Self.time(5001))
    #expect(queue.count == NewsQueue.most && queue.givenUp == 251 && oldest?.news.first?.identity == "m1")
    // What was given up while it was on its way takes nothing else with it.
    let next = queue.next(at: Self.time(5001))
    let delivery = try #require(next)
    for number in 0..<NewsQueue.most { queue.add([news(.opened, "x\(number)")], at: Self.time(5002)) }
    queue.succeeded(delivery)
    #expect(queue.count == NewsQueue.most)
  }

  @Test func whatIsPosted() throws {
    let delivery = NewsQueue.Delivery(
      id: "q-1", news: [news(.opened, "a"), news(.worsened, "b", "critical"), news(.ended, "c")], made: Self.time(0))
    let document = try JSONValue(parsing: NewsBody.make(delivery, .document, at: Self.time(5)))
    #expect(document["id"]?.string == "q-1" && document["news"]?.elements?.map { $0["event"]?.string } == ["opened", "worsened", "ended"])
    let chat = try JSONValue(parsing: NewsBody.make(delivery, .chat, at: Self.time(5)))
    #expect(chat["text"]?.string == "[warning] a is hot.\n[critical, worse] b is hot.\n[over] c is hot.")
    let alerts = try #require(JSONValue(parsing: NewsBody.make(delivery, .alertmanager, at: Self.time(5))).elements)
    #expect(alerts.map { $0["labels"]?["alertname"]?.string } == ["server_cpu", "server_cpu", "server_cpu"])
    #expect(alerts.map { $0["endsAt"]?.string } == [Self.time(305).rfc3339, Self.time(305).rfc3339, Self.time(100).rfc3339])
    #expect(alerts[0]["startsAt"]?.string == Self.time(0).rfc3339 && alerts[0]["annotations"]?["summary"]?.string == "a is hot.")
  }

  /// Names in a sentence are strangers': in a chat they call nobody, link nowhere and begin no line.
  @Test func strangersInAChat() {
    for (name, shown) in [
      ("<!channel>", "&lt;!channel&gt;"), ("<https://evil|reset>", "&lt;https://evil|reset&gt;"), ("a&b", "a&amp;b"),
      ("x\n[critical] all is lost", "x[U+A][critical] all is lost"), ("\u{202E}gnp.exe", "[U+202E]gnp.exe"), ("\u{7}\u{9B}", "[U+7][U+9B]"),
      ("[reset](https://evil)", "[reset] (https://evil)"), ("@here @all", "@ here @ all"), ("déjà vu ✓", "déjà vu ✓"),
    ] {
      #expect(ChatText.plain(name) == shown)
    }
    #expect(ChatText.plain(String(repeating: "x", count: 2000)) == String(repeating: "x", count: ChatText.longest) + "…")
  }

  /// Two findings of one code about one subject are two alerts: the end of one is not that of the other.
  @Test func alertsAreToldApart() throws {
    var (one, other) = (news(.opened, "a"), news(.ended, "a"))
    (one.aspect, other.aspect) = ("127.0.0.1:1", "127.0.0.1:2")
    let delivery = NewsQueue.Delivery(id: "q-1", news: [one, other, news(.opened, "a")], made: Self.time(0))
    let alerts = try #require(JSONValue(parsing: NewsBody.make(delivery, .alertmanager, at: Self.time(5))).elements)
    #expect(alerts.map { $0["labels"]?["aspect"]?.string } == ["127.0.0.1:1", "127.0.0.1:2", nil])
  }

  /// As other implementations reckon it.
  @Test func signatures() {
    #expect(
      NewsBody.signature(Array(#"{"a":1}"#.utf8), at: 1_796_000_000, secret: Array("key".utf8))
        == "b1194e4cade88dbd9a4a2406d21baa24fcc01fb31b5a88730c6a1ada8dc89fa4")
    #expect(
      NewsBody.signature([], at: 0, secret: [UInt8](repeating: UInt8(ascii: "k"), count: 100))
        == "243c2f8200e1d4ee892e7a7ded377a65e2beb1c64b997c54b8b0f516216d4b0f")
  }
}
