import Foundation
import HTTPServer
import Judgement
import Reactor
import Recorded
import Recording
import Synchronization
import SystemAPI
import SystemModel
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

  /// Pages that are still being joined count together, of all servers.
  @Test func joinedPagesHaveOneBound() throws {
    var settings = RecordSettings()
    settings.mostBytes = 300_000
    let queue = DispatchQueue(label: "test.draft")
    let draft = EpochDraft(number: 1, began: .zero, settings: settings, queue: queue)
    let connz = FullDocument.named(.connz)
    let limit = try #require(connz.paging).limit
    func page(_ server: String, _ first: Int, _ count: Int, pad: Int) -> Reply {
      var description = ServerDescription()
      (description.name, description.id, description.version) = (server, server, "2.12.4")
      let padding = String(repeating: "x", count: pad)
      let rows = (first..<first + count).map { #"{"cid":\#($0),"name":"\#(padding)"}"# }
      let data = Array(#"{"total":\#(2 * limit),"connections":[\#(rows.joined(separator: ","))]}"#.utf8)
      return Reply(
        server: description, ordinal: nil, payload: data, serverRange: nil, data: 0..<data.count, error: nil, rtt: .zero)
    }
    func take(_ server: String, pad: Int) -> Bool {
      queue.sync {
        if case .page = draft.take(page(server, 1, limit, pad: pad), connz, account: "") { true } else { false }
      }
    }
    // A page of 1,024 rows and its join: about 2 × 1,024 × (20 + pad) bytes.
    let pad = 100_000 / limit - 20
    #expect(take("A", pad: pad), "one alone has room")
    #expect(!take("B", pad: pad), "the second does not fit beside the first, of which no page is whole")
  }

  /// Replies of a recorded moment are read where they are put together: by workers.
  @Test func recordedRepliesComeRead() throws {
    let store = MemoryRecordStore()
    let stage = try Stage(
      Stage.servers(4), store: store,
      configure: {
        $0.record.folder = "in memory"
        $0.record.every = 1
      })
    let number = try epoch(stage)
    let header = try #require(store.epoch(number: number))
    let reading = EpochReading(EpochDocuments(header, store: store))
    let text = try store.beliefs(ofEpoch: number)
    let kept = try #require(RecordedBeliefs(text))
    let now = Instant(monotonic: MonotonicTime(nanoseconds: 1 << 62), wall: header.at)
    let servers = SystemModel(kept.system, limits: stage.gateway.gateway.configuration.session.limits, at: now).servers.servers
    let form = FullDocument.named(.varz).question(version: "2.14.5")
    let answers = RecordedExchange.answers(of: servers, to: form, reading, most: 1 << 20)
    #expect(answers.count == 4 && answers.allSatisfy { $0.parsed?.data != nil })
    let bounded = RecordedExchange.answers(of: servers, to: form, reading, most: 1)
    #expect(bounded.count == 4 && bounded.allSatisfy { $0.isTooLarge && $0.parsed == nil })
  }

  /// Where all who read the record are busy it is said so; the shard does not read it instead.
  @Test func theShardReadsNoRecord() throws {
    let stage = try Stage(
      Stage.servers(2),
      configure: {
        $0.record.folder = "in memory"
        $0.record.every = 1
      })
    let (gateway, gate) = (stage.gateway.gateway, DispatchSemaphore(value: 0))
    let busy = WorkerQueue(width: 1, limit: 0)
    #expect(busy.run { gate.wait() })
    defer { gate.signal() }
    var judge = gateway.judge
    judge.workers = busy
    let told = Mutex<Refusal?>(nil)
    gateway.shard.run { [judge] in
      judge.judge(.system, Thresholds(), GatewayRequest(path: "/findings"), isDeep: false) { result in
        if case .failure(let refusal) = result { told.withLock { $0 = refusal } }
      }
    }
    try eventually("it is refused") { told.withLock { $0 } != nil }
    #expect(told.withLock { $0 }?.description.contains("too much of the record is being read at once") == true)
    #expect(try stage.gateway.get("/varz").responded == "2/2", "others are answered meanwhile")
  }
}
