import Testing
import Wire

@testable import Judgement

/// What is remembered of figures, and what is not known of them.
@Suite struct TrendTests {
  private static let start = Timestamp(rfc3339: "2026-03-01T00:00:00Z") ?? .zero

  private static func table(_ looks: [(minutes: Double, rows: [String: Int])]) -> TrendTable<String, AccountTrend> {
    var table = TrendTable<String, AccountTrend>()
    for look in looks {
      table.take(
        start + .seconds(look.minutes * 60),
        look.rows.map { name, count in
          var figures = AccountTrend()
          figures.connections = count
          return (name, figures)
        })
    }
    return table
  }

  private static func window(_ minutes: Double, at end: Double) -> TrendWindow {
    TrendWindow(now: start + .seconds(end * 60), span: .seconds(minutes * 60))
  }

  /// A window that is too short is not known, and nothing is said.
  @Test(arguments: [(0, false), (5, false), (11, false), (12, true), (15, true)] as [(Double, Bool)])
  func aShortWindowIsUnknown(minutes: Double, isKnown: Bool) {
    let scene = Scene.course(.varz, hours: minutes / 60, looks: minutes == 0 ? 1 : 2) { [varz("a1", ["connections": 46 - $0 * 30])] }
    let judged = Judge.judge(scene.system, by: CheckTable.all.filter { $0.code == "connections_lost" })
    #expect(judged.findings.count == (isKnown ? 1 : 0) && judged.made == (isKnown ? 1 : 0))
    guard !isKnown else { return #expect(judged.unknown.isEmpty) }
    let reason = judged.unknown.first?.reasons.first
    #expect(reason?.kind == .notKept && reason?.kind.isByNature == true)
    let known = minutes == 0 ? "0 s" : "\(Int(minutes))m"
    #expect(reason?.sentence == "figures of servers are known for \(known), and not for 15m")
  }

  /// What was made within the window has no course yet: that is known, and nothing is wrong.
  @Test func whatIsYoungIsLeftAlone() {
    let scene = Scene.course(.streams) { look in
      let young = stream(["name": "NEW", "config": ["discard": "new"], "state": ["bytes": 100_000 * look]])
      return [jsz("a1", look < 2 ? [stream()] : [stream(), young])]
    }
    let judged = Judge.judge(scene.system, by: CheckTable.all.filter { $0.code == "stream_filling" })
    #expect(judged.made == 1 && judged.unknown.isEmpty && judged.findings.isEmpty, "\(judged.findings)")
  }

  /// Looks by the minute for a day and a half: few are kept, and every window is there.
  @Test func fewReadingsAreKept() {
    let table = TrendTests.table((0...2160).map { (Double($0), ["A": $0]) })
    for (minutes, most) in [(15.0, 8), (360.0, 19), (1440.0, 40)] {
      let known = table.known(TrendTests.window(minutes, at: 2160))
      #expect(known.readings <= most && known.span >= .seconds(minutes * 48), "\(known)")
    }
    let track = table.track("A", TrendTests.window(1440, at: 2160))
    #expect(track?.rises(\.connections) == true && track?.last.connections == 2160)
    #expect(table.track("B", TrendTests.window(15, at: 2160)) == nil)
  }

  /// A look right after another one ends no course: nothing need have risen since a moment ago.
  @Test func looksCloseTogetherSayNothing() {
    let looks = [0.0, 2.5, 5, 7.5, 10, 12.5, 15].map { ($0, ["A": Int($0 * 10)]) }
    let track = TrendTests.table(looks + [(15.1, ["A": 150])]).track("A", TrendTests.window(15, at: 15.1))
    #expect(track?.rises(\.connections) == true && track?.last.connections == 150)
  }

  /// A server that is away at most looks is the same one when it is back, with another process.
  @Test func whoComesAndGoesIsCounted() {
    var table = TrendTable<String, ServerTrend>()
    for minute in 0...24 {
      let rows = minute.isMultiple(of: 6) ? [(key: "a1", figures: ServerTrend(id: "N\(minute)"))] : []
      table.take(TrendTests.start + .seconds(Double(minute) * 60), rows)
    }
    #expect(table.whole("a1", TrendTests.window(24, at: 24))?.grown(\.starts) == 4)
  }

  /// What was looked at long ago is not now.
  @Test func whatIsOldIsNotNow() {
    let table = TrendTests.table([(0, ["A": 1]), (15, ["A": 2])])
    #expect(table.known(TrendTests.window(15, at: 15)).readings == 2)
    #expect(table.known(TrendTests.window(15, at: 18)).readings == 0)
    #expect(table.track("A", TrendTests.window(15, at: 18)) == nil)
  }

  /// Things come and go for ever; their places do not.
  @Test func whatIsGoneIsForgotten() {
    let looks = (0..<60).map { look in
      (Double(look * 60), Dictionary(uniqueKeysWithValues: (0..<300).map { ("\(look)-\($0)", 1) } + [("stays", look)]))
    }
    let table = TrendTests.table(looks)
    #expect(table.count < 15_000)
    #expect(table.track("stays", TrendTests.window(1440, at: 59 * 60))?.grown(\.connections) == 28)
  }

  /// What comes and goes does not push out what stays: of too many figures those of the shortest-lived go first, and of one of them that
  /// comes back it is not known how it went.
  @Test func whatStaysIsKept() {
    var table = TrendTable<String, AccountTrend>(mostRows: 2000)
    func look(_ hour: Int, _ names: [String]) {
      let rows = names.map { name in
        var figures = AccountTrend()
        figures.connections = hour
        return (key: name, figures: figures)
      }
      table.take(Self.start + .seconds(Double(hour) * 3600), rows)
    }
    let steady = (0..<20).map { "stays-\($0)" }
    for hour in 0..<40 { look(hour, steady + (0..<100).map { "\(hour)-\($0)" }) }
    let day = Self.window(1440, at: 39 * 60)
    #expect(table.size <= 2000 && table.known(day).readings > 20 && table.known(day).returned == 0)
    #expect(table.track("stays-7", day)?.grown(\.connections) == 28)
    #expect(table.track("20-7", day) == nil)
    look(40, steady + ["20-7"])
    let later = Self.window(1440, at: 40 * 60)
    #expect(table.known(later).returned == 1 && table.track("20-7", later) == nil)
    #expect(table.known(Self.window(15, at: 40 * 60)).returned == 0, "it was not there within that")
    var system = JudgedSystem(now: later.now)
    system.take(.accstatz, [])
    system.trends.accounts = table
    let unknown = Judge.judge(system, by: CheckTable.all.filter { $0.code == "account_idle" }).unknown
    #expect(unknown.first?.reasons.map(\.sentence) == ["earlier figures of 1 account that came back were not kept"], "\(unknown)")
    // Where all stay, the oldest readings go.
    for hour in 41..<70 { look(hour, (0..<500).map { "many-\($0)" }) }
    #expect(table.size <= 2000 && table.known(Self.window(1440, at: 69 * 60)).span <= .seconds(5 * 3600))
  }

  /// Another process counts from its own beginning: a look before it begins no course.
  @Test func aRestartBeginsAnew() {
    let scene = Scene.course(.varz) { [varz("a1", ["connections": 46 - $0 * 10], id: $0 < 3 ? "N1" : "N2")] }
    #expect(Judge.judge(scene.system).findings.allSatisfy { $0.code != "connections_lost" })
  }

  /// Of an account the sum over those who answered is no sum.
  @Test func whatIsMissingIsNoFall() {
    func system(_ servers: [String], lacking: [String], ago: Double) -> JudgedSystem {
      var system = JudgedSystem(now: TrendTests.start + .seconds(3600 - ago))
      let replies = servers.compactMap { said($0, ["account_statz": [["acc": "APP", "conns": 10]]]).reply }
      system.take(.accstatz, replies, lacking: lacking)
      return system
    }
    var now = system(["a1"], lacking: ["a2"], ago: 0)
    for ago in [900.0, 600, 300] { now.trends.take(system(["a1", "a2"], lacking: [], ago: ago)) }
    now.trends.take(now)
    let judged = Judge.judge(now, by: CheckTable.all.filter { $0.code == "account_connections_lost" })
    #expect(judged.findings.isEmpty && judged.unknown.count == 1)
  }

  /// A stream of a server that stands alone is the same after the server's restart.
  @Test func aStreamAloneOutlivesItsServer() throws {
    let scene = Scene.course(.streams) { look in
      var said = jsz("a1", [over(stream(["config": ["discard": "new"], "state": ["bytes": 100_000 + look * 50_000]]), [:])])
      said.id = "N\(look)"
      said.document = Array(String(decoding: said.document, as: UTF8.self).replacing("\"meta_cluster\"", with: "\"other\"").utf8)
      return [said]
    }
    #expect(Judge.judge(scene.system).findings.contains { $0.code == "stream_filling" })
  }
}
