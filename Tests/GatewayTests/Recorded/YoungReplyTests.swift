import Dispatch
import HTTPServer
import Reactor
import Recorded
import SystemAPI
import SystemModel
import TestSupport
import Testing
import Wire

@testable import Gateway

/// What has just been answered to somebody is recorded without asking again.
@Suite struct YoungReplyTests {
  private static func figures(_ stage: Stage) throws -> [String: Any] {
    let recording = try stage.gateway.json("/servers")["recording"] as? [String: Any]
    return recording?["asked"] as? [String: Any] ?? [:]
  }

  @Test func aYoungAnswerIsTakenUp() throws {
    let stage = try Stage(
      Stage.servers(3), cold: true,
      configure: {
        $0.record.folder = "in memory"
        $0.record.every = 12
        $0.record.documents = [.varz, .subsz]
      })
    func asked(_ endpoint: String) -> Int { Stage.servers(3).reduce(0) { $0 + stage.questions(endpoint, to: $1.name).count } }
    // Somebody looks all the time, as a page in a browser does.
    try eventually("varz of all servers is taken up", timeout: 60) {
      _ = try stage.gateway.get("/varz")
      return try Self.figures(stage)["reused"] as? Int ?? 0 >= 3
    }
    // Some of it may have been in an epoch that is over already.
    func kept() throws -> Int { try stage.gateway.json("/epochs")["kept"] as? Int ?? 0 }
    let before = try kept()
    try eventually("the epoch is kept") { try kept() > before }
    // Each server was asked in person, or has told it to somebody else; nobody has asked for subsz. Where an epoch is under way it is not
    // true yet.
    try eventually("each server's varz is asked for once, or taken up") {
      let figures = try Self.figures(stage)
      let (varz, subsz, reused) = (asked("VARZ"), asked("SUBSZ"), figures["reused"] as? Int ?? 0)
      return varz + reused == subsz && varz < subsz && subsz.isMultiple(of: 3) && figures["requests"] as? Int == varz + subsz
    }
    #expect(try stage.gateway.get("/varz?at=-0s").responded == "3/3")
    #expect(try stage.gateway.get("/metrics").text.contains("natsight_record_reused_total"))
  }

  /// Answers each question with what it was told to.
  private final class Told: ReplySource, @unchecked Sendable {
    // Sendable by confinement to the test's shard.
    var outcome = CombinedOutcomeTests.outcome([])

    func ask(_ question: Question, until: MonotonicTime, onReply: ((Reply) -> Void)?, completion: @escaping (Outcome) -> Void) {
      completion(outcome)
    }
  }

  /// On a shard whose clock stands.
  private final class Bed {
    static let varz = FullDocument.named(.varz).question(version: "")
    let shard = Shard(label: "young")
    private let told = Told()
    let young: YoungReplies

    init() {
      young = YoungReplies(told, shard: shard)
      shard.queue.sync { young.age = .seconds(10) }
    }

    /// Servers answer a question that left so many seconds ago.
    func answer(_ servers: [String], asked seconds: Double, _ document: String, _ form: QuestionForm = Bed.varz) {
      shard.queue.sync {
        let replies = servers.map { CombinedOutcomeTests.reply($0, document) }
        told.outcome = Outcome(
          question: Question(.every, form: form), replies: replies,
          completeness: Completeness(complete: true, expected: replies.count, responded: replies.count), elapsed: .seconds(seconds),
          finishedAt: shard.now)
        young.ask(told.outcome.question, until: shard.now, onReply: nil) { _ in }
      }
    }

    func reply(_ server: String) -> String? {
      shard.queue.sync { young.reply(to: Bed.varz, of: "N" + server).map { String(decoding: $0.payload, as: UTF8.self) } }
    }
  }

  @Test func nothingIsOlderThanItMayBe() {
    let bed = Bed()
    bed.answer(["a"], asked: 1, "new")
    #expect(bed.reply("a") == "new")
    // Questions that waited for somebody slow.
    bed.answer(["a"], asked: 5, "old")
    #expect(bed.reply("a") == "new")
    bed.answer(["a", "b"], asked: 30, "too old")
    #expect(bed.reply("a") == "new" && bed.reply("b") == nil && bed.young.count == 1)
    // One that ended late stands behind a younger one, and grows too old before it.
    bed.answer(["b"], asked: 8, "b")
    #expect(bed.reply("b") == "b")
    bed.shard.queue.sync { bed.young.age = .seconds(4) }
    #expect(bed.reply("a") == "new" && bed.reply("b") == nil)
    bed.shard.queue.sync { bed.young.age = .zero }
    #expect(bed.reply("a") == nil && bed.young.count == 0 && bed.young.bytes == 0)
  }

  @Test func whatComesAgainAndAgainIsHeldOnce() {
    let bed = Bed()
    for turn in 0..<500 { bed.answer(["a", "b", "c"], asked: 9 - Double(turn) / 100, "\(turn % 10)") }
    #expect(bed.young.count == 3 && bed.young.bytes == 3)
    // By its newest moment, not by the one that it came with first.
    bed.shard.queue.sync { bed.young.age = .seconds(5) }
    #expect(["a", "b", "c"].map(bed.reply) == ["9", "9", "9"] && bed.young.count == 3)
    bed.shard.queue.sync { bed.young.age = .seconds(3) }
    #expect(bed.reply("a") == nil && bed.young.count == 0 && bed.young.bytes == 0)
    // What there is no room for goes, the oldest first.
    for (turn, server) in ["a", "b", "c"].enumerated() {
      bed.answer([server], asked: 2 - Double(turn) / 2, String(repeating: "x", count: 6 << 20))
    }
    #expect(bed.reply("a") == nil && bed.reply("b") != nil && bed.reply("c") != nil && bed.young.bytes == 12 << 20)
  }

  /// Whom a question is for does not matter; what it asks for does.
  @Test(arguments: [
    ("/varz", true), ("/server/a1/varz", true), ("/cluster/A/varz", true), ("/varz?name=a&exact=1&tags=x,y", true), ("/merged/varz", true),
    ("/healthz?details=1", true), ("/cluster/A/healthz?details=1", true), ("/healthz", false), ("/healthz?js-enabled=1", false),
    ("/subsz", true), ("/subsz?subs=1", false), ("/routez?subs=1", true), ("/routez", false), ("/gatewayz?accs=1", true),
    ("/leafz?subs=1&host=x", true), ("/leafz", false), ("/accountz", true), ("/accountz?acc=T", false), ("/accstatz", true),
    ("/cluster/A/accstatz?unused=1", true), ("/raftz", true), ("/raftz?group=x", false), ("/ipqueuesz?all=1", true), ("/ipqueuesz", false),
    // Large ones are asked page by page.
    ("/connz?auth=1&subs=1", false), ("/jsz", false), ("/jsz?accounts=1&streams=1&consumers=1&config=1&raft=1", false),
    // Another service, or what is not recorded.
    ("/account/T/statz", false), ("/statsz", false), ("/expvarz", true),
  ])
  func whatIsTakenUp(_ path: String, _ isTaken: Bool) throws {
    let parts = path.split(separator: "?", maxSplits: 1).map(String.init)
    let inner = try RequestPath(parts[0])
    let planner = RequestPlanner(settings: RequestSettings(), subjects: SystemSubject())
    let endpoint = try #require(RequestPlanner.endpoint(inner))
    let plan = try planner.plan(inner, endpoint, query: HTTPQuery(parts.count > 1 ? parts[1] : ""), scrapeTimeout: nil)
    #expect(YoungReplies.holds(plan.question.form) == isTaken, "\(plan.question.form.payload)")
  }

  /// A server that was asked as one of a cluster has said what it says to anybody.
  @Test func whomItWasForDoesNotMatter() throws {
    let bed = Bed()
    var form = Bed.varz
    form.payload = #"{"cluster":"A","exact_match":true}"#
    bed.answer(["a"], asked: 1, "said to some", form)
    #expect(bed.reply("a") == "said to some")
    form.payload = #"{"something":true}"#
    bed.answer(["a"], asked: 0, "something else", form)
    #expect(bed.reply("a") == "said to some")
  }

  @Test func howYoungItHasToBe() {
    for (every, age) in [(1, 0), (10, 1), (60, 10), (3600, 10)] {
      var settings = RecordSettings()
      settings.every = every
      #expect(settings.youngAge == .zero)
      settings.folder = "somewhere"
      #expect(settings.youngAge == .seconds(Double(age)), "\(every)")
    }
  }
}
