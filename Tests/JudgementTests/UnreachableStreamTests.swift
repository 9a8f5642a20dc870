import SystemModel
import Testing
import Wire

@testable import Judgement

/// Which streams are said to be out of reach, by how their holders stand.
@Suite struct UnreachableStreamTests {
  private static func server(_ name: String, _ standing: Standing) -> JudgedServer {
    JudgedServer(id: "N" + name, name: name, cluster: "A", version: "2.12.4", standing: standing)
  }

  /// a1 tells of streams; a2 and a3 were asked for them and did not.
  private static func unreachable(_ holders: [String], a2: Standing, a3: Standing) -> [String] {
    found(holders, a2: a2, a3: a3).map(\.subject.stream)
  }

  private static func found(_ holders: [String], a2: Standing, a3: Standing) -> [Finding] {
    var system = Scene(.streams).system
    system.takeRoster([server("a1", .live), server("a2", a2), server("a3", a3)])
    system.take(.streams, [jsz("a1", [stream([:])])].compactMap(\.reply), lacking: ["a2", "a3"])
    for name in ["T", "S"] {
      let key = StreamFacts.Key(group: "", account: "APP", name: name)
      system.remembered[key] = RememberedStream(key, holders: holders, cluster: "A", seen: system.now)
    }
    return Judge.judge(system).findings.filter { $0.code == "stream_unreachable" }
  }

  @Test(arguments: [
    (Standing.live, false), (.slow, false), (.suspect(.silent), true), (.suspect(.noRoute), true), (.gone(.forgotten), true),
    (.gone(.shutDown), true), (.lameDuck, true), (.awaited, true),
  ])
  func aServerThatLivesIsNotMissed(standing: Standing, isMissed: Bool) {
    let found = Self.unreachable(["a2"], a2: standing, a3: .gone(.forgotten))
    #expect(found == (isMissed ? ["S", "T"] : []), "what is late is not known to be gone")
  }

  /// Whoever asks about the cluster, or about one of the holders, is told.
  @Test func itIsAboutItsHolders() {
    let found = Self.found(["a2", "a3"], a2: .suspect(.silent), a3: .suspect(.silent))
    #expect(found.map(\.subject.cluster) == ["A", "A"] && found.map(\.holders) == [["a2", "a3"], ["a2", "a3"]])
  }

  @Test func oneHolderThatLivesIsEnough() {
    #expect(Self.unreachable(["a2", "a3"], a2: .live, a3: .suspect(.silent)).isEmpty)
    #expect(Self.unreachable(["a2", "a3"], a2: .suspect(.silent), a3: .suspect(.silent)).count == 2)
    #expect(Self.unreachable(["a1", "a2"], a2: .suspect(.silent), a3: .live).isEmpty, "a1 tells, and not of it")
  }
}
