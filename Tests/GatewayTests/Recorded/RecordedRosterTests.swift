import Recording
import SystemAPI
import SystemModel
import Testing
import Wire

@testable import Gateway

/// Who is known by the record, where the system has forgotten.
@Suite struct RecordedRosterTests {
  private static func at(_ minute: Int) -> Timestamp { Timestamp(seconds: 1_796_000_000 + Int64(minute) * 60) }

  /// Epochs at some minutes, with the servers of each: `name.cluster`, whose ids are their names behind an N.
  private static func store(_ epochs: [Int: [String]]) -> MemoryRecordStore {
    let store = MemoryRecordStore()
    for (minute, servers) in epochs {
      let at = at(minute)
      var system = SystemRecord(at: at, isConnected: true)
      system.servers = servers.map { text in
        let words = text.split(separator: ".").map(String.init)
        var description = ServerDescription()
        (description.id, description.name, description.cluster) = ("N" + words[0], words[0], words[1])
        return SystemRecord.Server(description, .live, since: at, heard: at, appeared: at)
      }
      let header = EpochHeader(
        number: minute, began: at, at: at, expected: servers.count, responded: servers.count, missing: 0, documents: [])
      _ = store.write(Epoch(header, beliefs: RecordedBeliefs(system: system).text, documents: []))
    }
    return store
  }

  @Test(arguments: [
    // Whoever was there when it began, by the epoch before, and whoever is there at its last.
    (12, 22, ["gone", "stays", "between"]), (10, 30, ["gone", "stays", "new"]), (25, 30, ["stays", "between", "new"]),
    (30, 60, ["stays", "new"]),
    // It begins before the record does.
    (0, 10, ["gone", "stays"]), (0, 60, ["gone", "stays", "new"]),
    // Nothing was recorded in it.
    (31, 60, []), (0, 9, []), (11, 19, []),
  ])
  func whoIsKnown(_ since: Int, _ until: Int, _ names: [String]) throws {
    let store = Self.store([10: ["gone.A", "stays.A"], 20: ["stays.A", "between.B"], 30: ["stays.A", "new.C"]])
    let roster = try RecordedRoster(store, since: Self.at(since), until: Self.at(until))
    for name in ["gone", "stays", "between", "new", "never"] {
      #expect(roster.knows(.server(name, cluster: nil)) == names.contains(name), "\(name)")
      #expect(roster.name(of: "N" + name) == (names.contains(name) ? name : "N" + name))
    }
  }

  @Test func whatAPathMayName() throws {
    let roster = try RecordedRoster(Self.store([10: ["x.A", "x.B", "y.B"]]), since: Self.at(0), until: Self.at(20))
    let rows: [(scope: PathScope, isKnown: Bool)] = [
      (.system, true), (.account("NOBODY"), true), (.cluster("A"), true), (.cluster("C"), false), (.server("x", cluster: nil), true),
      (.server("x", cluster: "B"), true), (.server("y", cluster: "A"), false), (.server("Ny", cluster: nil), true),
      (.server("Ny", cluster: "A"), false), (.server("z", cluster: nil), false), (.server("", cluster: nil), false),
    ]
    for row in rows { #expect(roster.knows(row.scope) == row.isKnown, "\(row.scope)") }
  }

  /// What was believed by then cannot be read: of the others it still tells.
  @Test func beliefsThatCannotBeRead() throws {
    let store = Self.store([10: ["x.A"]])
    let header = EpochHeader(number: 20, began: Self.at(20), at: Self.at(20), expected: nil, responded: 0, missing: 0, documents: [])
    _ = store.write(Epoch(header, beliefs: Array("no beliefs".utf8), documents: []))
    let roster = try RecordedRoster(store, since: Self.at(0), until: Self.at(30))
    #expect(roster.knows(.server("x", cluster: nil)) && !roster.knows(.server("no", cluster: nil)))
  }
}
