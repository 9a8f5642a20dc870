import Recorded
import Recording
import TestSupport
import Testing
import Wire

@testable import Gateway

/// What is held for answers about earlier moments, and what does not fit.
@Suite struct RecordedBoundTests {
  private static func large(_ bytes: Int) -> ScriptedServer.Behaviour { .data(#"{"x":"\#(String(repeating: "x", count: bytes))"}"#) }

  private func epoch(_ stage: Stage) throws -> Int {
    var found = 0
    try eventually("an epoch with all of them is recorded") {
      let epochs = try stage.gateway.json("/epochs")["epochs"] as? [[String: Any]] ?? []
      guard let last = epochs.last, last["missing"] as? Int == 0, last["expected"] as? Int == 4 else { return false }
      found = last["epoch"] as? Int ?? 0
      return true
    }
    return found
  }

  private func codes(_ reply: HTTPReply) throws -> [String: Int] {
    let missing = try reply.json()["missing"] as? [[String: Any]] ?? []
    return missing.reduce(into: [:]) { $0[$1["code"] as? String ?? "", default: 0] += 1 }
  }

  /// `--max-answer` holds for recorded answers as for live ones: what does not fit is missing by name.
  @Test func theSumOfARecordedGatherIsBounded() throws {
    let stage = try Stage(
      Stage.servers(4),
      configure: {
        $0.maxAnswer = 1 << 20
        $0.record.folder = "in memory"
        $0.record.every = 1
      })
    for name in ["f0", "f1", "f2"] { stage.fleet.change(name) { $0.behaviours["VARZ"] = Self.large(600_000) } }
    let epoch = try epoch(stage)
    let reply = try stage.gateway.get("/varz?at=\(epoch)")
    #expect(reply.status == 200 && reply.complete == "false" && reply.responded == "2/4", "\(reply.fields)")
    #expect(try codes(reply) == ["too_large": 2] && reply.servers.contains("f3"))
    #expect(try stage.gateway.get("/merged/varz?at=\(epoch)").complete == "false")
    #expect(try stage.gateway.get("/statsz?at=\(epoch)").responded == "4/4")
  }

  /// A server that answered more than is kept was no silent one.
  @Test(arguments: [(document: 100_000, epoch: 1 << 30, missing: 3), (document: 1 << 30, epoch: 500_000, missing: 2)])
  func aDocumentThatIsTooLargeToBeKeptIsToldAsSuch(_ row: (document: Int, epoch: Int, missing: Int)) throws {
    let stage = try Stage(
      Stage.servers(4),
      configure: {
        $0.record.folder = "in memory"
        $0.record.every = 1
        $0.record.mostDocument = row.document
        $0.record.mostBytes = row.epoch
        $0.record.documents = [.varz, .healthz]
      })
    for name in ["f0", "f1", "f2"] { stage.fleet.change(name) { $0.behaviours["VARZ"] = Self.large(300_000) } }
    let epoch = try epoch(stage)
    let reply = try stage.gateway.get("/varz?at=\(epoch)")
    #expect(try codes(reply) == ["too_large": row.missing], "\(reply.text.prefix(500))")
    #expect(reply.responded == "\(4 - row.missing)/4" && reply.complete == "false")
    let name = try #require(reply.missing.split(separator: ",").first.map(String.init))
    let one = try stage.gateway.get("/server/\(name)/varz?at=\(epoch)")
    #expect(one.status == 502 && one.reason == "answer_too_large", "\(one.text)")
  }

  @Test func documentsOfAnOpenMomentAreGivenUpForOthers() throws {
    let store = MemoryRecordStore()
    let at = Timestamp(unixNanoseconds: 1_000_000_000_000)
    let names = ["varz", "connz", "jsz"]
    let documents = names.map { RecordedDocument(.init(server: "A", document: $0), bytes: Array(repeating: 0x20, count: 600), rtt: .zero) }
    let header = EpochHeader(number: 1, began: at, at: at, expected: 1, responded: 1, missing: 0, documents: names)
    let kept = try #require(store.write(Epoch(header, beliefs: [], documents: documents)))
    let moment = EpochDocuments(kept, store: store, mostHeld: 1_300)
    for name in names + names {
      #expect(try moment.find(name, "A", "")?.bytes.count == 600, "\(name)")
      #expect(moment.heldBytes <= 1_300)
    }
    // One that is larger than all that may be held is read, and held alone.
    let narrow = EpochDocuments(kept, store: store, mostHeld: 100)
    for name in names { #expect(try narrow.find(name, "A", "") != nil && narrow.heldBytes == 600) }
    #expect(try moment.find("varz", "B", "") == nil && moment.find("routez", "A", "") == nil)
  }
}
