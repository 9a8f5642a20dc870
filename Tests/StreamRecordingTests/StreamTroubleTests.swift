import NATSClient
import Recording
import TestSupport
import Testing
import Wire

@testable import StreamRecording

/// What may be wrong with a stream, or the way to it: each is told as what it is, and is over when it is over.
struct StreamTroubleTests {
  private func failure(_ body: () throws -> Void) -> RecordError? {
    do { try body() } catch { return error as? RecordError }
    return nil
  }

  @Test func theStreamIsMadeAsTheSettingsSayAndNeverChanged() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store {
      $0.keepSeconds = 3600; $0.keepBytes = 5_000_000; $0.stream = "HISTORY"
    }
    #expect(try store.extent() == nil)
    #expect(StreamRefusal(try bed.api("STREAM.INFO.HISTORY"))?.isMissingStream == true)
    _ = try store.write(RecordBed.epoch(0))
    let made = try bed.api("STREAM.INFO.HISTORY")
    let information = try #require(StreamInformation(made))
    #expect(information.subjects == ["HISTORY.>"] && information.maxBytes == 5_000_000 && information.allowsDirect)
    // An hour, and the time of the sixteen epochs that rest on one another.
    #expect(information.maxAge == (3600 + 16 * 60) * 1_000_000_000)
    let other = try bed.store {
      $0.keepSeconds = 60; $0.keepBytes = 9_000_000; $0.stream = "HISTORY"; $0.replicas = 3
    }
    _ = try other.write(RecordBed.epoch(1))
    #expect(try bed.api("STREAM.INFO.HISTORY")["config"] == made["config"])
    let place = try RecordBed.place(bed.server.port) {
      $0.keepSeconds = 60; $0.keepBytes = 9_000_000; $0.replicas = 3
    }
    #expect(place.differences(from: information).count == 3)
    #expect(
      try RecordBed.place(bed.server.port) {
        $0.keepSeconds = 3600; $0.keepBytes = 5_000_000
      }.differences(from: information).isEmpty)
    store.close()
    other.close()
  }

  @Test func aStreamWithoutDirectAccessIsReadThroughItsLeader() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    _ = try bed.api("STREAM.CREATE.NATSIGHT", #"{"name":"NATSIGHT","subjects":["NATSIGHT.>"],"storage":"memory"}"#)
    #expect(StreamInformation(try bed.api("STREAM.INFO.NATSIGHT"))?.allowsDirect == false)
    let store = try bed.store()
    for minute in 0..<20 { _ = try store.write(RecordBed.epoch(minute)) }
    let other = try bed.store()
    #expect(try RecordBed.readsWholly(other) == Array(0..<20))
    try other.write([
      SeriesBlock(.init(hour: 1, kind: "k", entity: "e"), bytes: [1]), SeriesBlock(.init(hour: 1, kind: "k", entity: "f"), bytes: [2]),
    ])
    try store.write([SeriesBlock(.init(hour: 1, kind: "k", entity: "e"), bytes: [3])])
    var found: [String: [UInt8]] = [:]
    try other.blocks("k", hours: 0...9, of: .all) {
      found[$0.key.entity] = $0.bytes; return true
    }
    #expect(found == ["e": [3], "f": [2]])
    store.close()
    other.close()
  }

  @Test(arguments: [
    (#"{"name":"NATSIGHT","subjects":["other.>"],"storage":"memory"}"#, "subjects"),
    (#"{"name":"NATSIGHT","subjects":["NATSIGHT.>"],"storage":"memory","retention":"workqueue"}"#, "retention"),
  ])
  func aStreamThatIsSomethingElseIsLeftAlone(_ configuration: String, _ what: String) throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    _ = try bed.api("STREAM.CREATE.NATSIGHT", configuration)
    let store = try bed.store()
    guard case .failed("NATSIGHT at nats://127.0.0.1:\(bed.server.port)", _) = failure({ _ = try store.write(RecordBed.epoch(0)) }) else {
      Issue.record("\(what)")
      return
    }
    #expect(try bed.api("STREAM.INFO.NATSIGHT")["state"]?["messages"]?.int == 0)
    store.close()
  }

  @Test func theOldestGoWhereTheStreamSaysSoAndTheOthersStayWhole() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store { $0.keepBytes = 60_000 }
    var counts: Set<Int> = []
    for minute in 0..<120 {
      #expect(try store.write(RecordBed.epoch(minute)) != nil)
      if minute % 10 == 9 {
        let kept = try RecordBed.readsWholly(store)
        #expect(kept == Array((minute - kept.count + 1)...minute))
        counts.insert(kept.count)
        #expect(try store.extent()?.bytes ?? 0 <= 60_000)
      }
    }
    #expect(counts.count > 1 && (counts.max() ?? 0) < 120, "\(counts)")
    #expect(throws: RecordError.gone(epoch: 1000)) { try store.documents(ofEpoch: 1000, named: "connz") }
    store.close()
  }

  @Test func aFullStreamIsSaidAndGoesOnOnceThereIsRoom() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    _ = try bed.api(
      "STREAM.CREATE.NATSIGHT",
      #"{"name":"NATSIGHT","subjects":["NATSIGHT.>"],"storage":"file","discard":"new","max_bytes":40000,"allow_direct":true}"#)
    let store = try bed.store()
    var written = 0
    var error: RecordError?
    while error == nil, written < 200 {
      error = failure { _ = try store.write(RecordBed.epoch(written)) }
      if error == nil { written += 1 }
    }
    #expect(error == .full(path: "NATSIGHT at nats://127.0.0.1:\(bed.server.port)"))
    #expect(try RecordBed.readsWholly(store) == Array(0..<written))
    _ = try bed.api("STREAM.PURGE.NATSIGHT")
    #expect(try store.extent() == nil)
    #expect(try store.write(RecordBed.epoch(300)) != nil)
    #expect(try RecordBed.readsWholly(store) == [300])
    store.close()
  }

  @Test func aStreamThatDoesNotFitIsToldWhereItIsToBeMade() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store { $0.keepBytes = 50_000_000_000 }
    guard case .failed(_, let reason)? = failure({ _ = try store.write(RecordBed.epoch(0)) }) else {
      Issue.record("it was made")
      return
    }
    #expect(reason.contains("50000000000"))
    store.close()
  }

  @Test func anAccountWithoutJetStreamAndAUserWhoMayNotAreNamed() throws {
    let denied =
      #"{user: reader, password: r, permissions: {publish: {deny: ["NATSIGHT.>"]}}}, "#
      + #"{user: deaf, password: d, permissions: {subscribe: ["none"]}}, {user: mute, password: m, permissions: {publish: ["none"]}}"#
    let bed = try RecordBed(RealServer.jetStreamConfiguration(users: denied))
    defer { withExtendedLifetime(bed) {} }
    let name = "NATSIGHT at nats://127.0.0.1:\(bed.server.port)"
    let plain = try bed.store(user: "plain:p")
    for body in [{ _ = try plain.write(RecordBed.epoch(0)) }, { _ = try plain.extent() }] as [() throws -> Void] {
      guard case .failed(name, _) = failure(body) else {
        Issue.record("\(String(describing: failure(body)))")
        continue
      }
    }
    let rows = [
      ("reader:r", "Permissions Violation for Publish to \"NATSIGHT.claim\""),
      ("mute:m", "Permissions Violation for Publish to \"$JS.API.STREAM.INFO.NATSIGHT\""),
    ]
    for (user, words) in rows {
      let store = try bed.store(user: user)
      #expect(failure { _ = try store.write(RecordBed.epoch(0)) } == .forbidden(path: name, reason: words))
      store.close()
    }
    let deaf = try bed.store(user: "deaf:d")
    guard case .forbidden(name, _) = failure({ _ = try deaf.extent() }) else {
      Issue.record("\(String(describing: failure { _ = try deaf.extent() }))")
      return
    }
    // Who may not come in at all.
    let wrong = try bed.store(user: "record:wrong")
    guard case .away(name, _) = failure({ _ = try wrong.extent() }) else {
      Issue.record("\(String(describing: failure { _ = try wrong.extent() }))")
      return
    }
    for store in [plain, deaf, wrong] { store.close() }
  }

  @Test func aServerThatGoesAndComesBackIsWaitedForByNobody() throws {
    let folder = try TemporaryFolder()
    let port = freePort()
    let configuration = RealServer.jetStreamConfiguration(store: folder.path("js"))
    let store: JetStreamRecordStore
    do {
      let bed = try RecordBed(configuration, port: port)
      store = try bed.store()
      for minute in 0..<5 { _ = try store.write(RecordBed.epoch(minute)) }
      bed.server.process.killNow()
    }
    try eventually("it is told that nobody is there") {
      if case .away? = failure({ _ = try store.write(RecordBed.epoch(5)) }) { true } else { false }
    }
    guard case .away? = failure({ _ = try store.documents(ofEpoch: 1001, named: "connz") }) else {
      Issue.record("reading without a server")
      return
    }
    let bed = try RecordBed(configuration, port: port)
    defer { withExtendedLifetime(bed) {} }
    try eventually("it goes on by itself") { failure { _ = try store.write(RecordBed.epoch(6)) } == nil }
    #expect(try RecordBed.readsWholly(store).filter { $0 != 5 } == [0, 1, 2, 3, 4, 6])
    store.close()
  }

  @Test func aServerThatSaysNothingIsGivenUp() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store()
    _ = try store.write(RecordBed.epoch(0))
    bed.server.process.freeze()
    #expect(failure { _ = try store.extent() } == .late(path: "NATSIGHT at nats://127.0.0.1:\(bed.server.port)", seconds: 5))
    bed.server.process.thaw()
    #expect(try RecordBed.readsWholly(store) == [0])
    store.close()
  }

  @Test func aStreamThatIsDeletedIsMadeAgain() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store()
    for minute in 0..<3 { _ = try store.write(RecordBed.epoch(minute)) }
    #expect(try RecordBed.readsWholly(store) == [0, 1, 2])
    _ = try bed.api("STREAM.DELETE.NATSIGHT")
    #expect(try store.extent() == nil)
    #expect(throws: RecordError.gone(epoch: 1001)) { try store.documents(ofEpoch: 1001, named: "connz") }
    for minute in 3..<6 { #expect(try store.write(RecordBed.epoch(minute)) != nil) }
    #expect(try RecordBed.readsWholly(store) == [3, 4, 5])
    // What was purged is nothing to rest on.
    _ = try bed.api("STREAM.PURGE.NATSIGHT")
    for minute in 6..<9 { #expect(try store.write(RecordBed.epoch(minute)) != nil) }
    #expect(try RecordBed.readsWholly(store) == [6, 7, 8])
    store.close()
  }

  @Test func documentsLargerThanAMessageAreStoredInSeveral() throws {
    let bed = try RecordBed(RealServer.jetStreamConfiguration("max_payload: 4096"))
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store()
    var noise = [UInt8](repeating: 0, count: 300_000)
    for place in noise.indices { noise[place] = .random(in: 0...255) }
    var epoch = RecordBed.epoch(0)
    epoch.documents[1].bytes = noise
    _ = try store.write(epoch)
    let other = try bed.store()
    #expect(try other.documents(ofEpoch: 1000, named: "connz").map(\.bytes) == epoch.documents.map(\.bytes))
    try store.write([SeriesBlock(.init(hour: 4, kind: "k", entity: "e"), bytes: noise)])
    var found: [[UInt8]] = []
    try other.blocks("k", hours: 4...4, of: .these(["e"])) {
      found.append($0.bytes); return true
    }
    #expect(found == [noise])
    store.close()
    other.close()
  }

  /// Series that no frame takes stand in several.
  @Test func aLargeHourIsStoredInParts() throws {
    let bed = try RecordBed(RealServer.jetStreamConfiguration("max_payload: 4096"))
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store()
    _ = try store.write(RecordBed.epoch(0))
    let place = try RecordBed.place(bed.server.port)
    let connection = try bed.connection()
    let api = StreamAPI(place, connection)
    let subjects = StreamSubjects(stream: place.stream)
    let publisher = try SeriesPublisher(api, subjects, SeriesReader(api, subjects), largestPart: 10_000)
    let stream = try #require(try api.information())
    func blocks(_ salt: UInt8) -> [SeriesBlock] {
      (0..<20).map { number in
        SeriesBlock(
          .init(hour: 4, kind: "k", entity: "e\(number)"), bytes: (0..<3_000).map { UInt8(truncatingIfNeeded: $0 * number) ^ salt })
      }
    }
    try publisher.write(blocks(1), to: stream)
    func found(_ store: any RecordStore) throws -> [String: [UInt8]] {
      var found: [String: [UInt8]] = [:]
      try store.blocks("k", hours: 4...4, of: .all) { block in
        found[block.key.entity] = block.bytes
        return true
      }
      return found
    }
    let first = Dictionary(uniqueKeysWithValues: blocks(1).map { ($0.key.entity, $0.bytes) })
    #expect(try found(store) == first)
    // Some of them anew: the others stay. A store that knows nothing of it writes the same.
    try store.write(Array(blocks(2).prefix(3)))
    let second = first.merging(blocks(2).prefix(3).map { ($0.key.entity, $0.bytes) }) { _, new in new }
    #expect(try found(store) == second)
    connection.close()
    store.close()
  }

  @Test func partsOfABundle() throws {
    var bundle = SeriesBundle()
    for number in 0..<10 { bundle.blocks["e\(number)"] = [UInt8](repeating: 1, count: 100) }
    #expect(bundle.parts(of: 1 << 20) == [bundle] && SeriesBundle().parts(of: 9) == [SeriesBundle()])
    let parts = bundle.parts(of: 310)
    #expect(parts.map(\.blocks.count) == [3, 3, 3, 1])
    // One that alone is larger stands alone.
    #expect(bundle.parts(of: 7).count == 10)
    let message = SeriesMessage(parts: [MessageRun(sequences: [4, 5], size: 77), MessageRun(sequences: [6], size: 1)])
    #expect(SeriesMessage(message.bytes) == message)
    for text in [
      #"{"parts":[]}"#, #"{"parts":[{"size":1,"seqs":[]}]}"#, #"{"parts":[{"size":-1,"seqs":[4]}]}"#, #"{"parts":[7]}"#,
      #"{"parts":[\#((0...SeriesMessage.mostParts).map { _ in #"{"size":1,"seqs":[4]}"# }.joined(separator: ","))]}"#,
    ] { #expect(SeriesMessage(Array((text + "\n").utf8)) == nil, "\(text.prefix(60))") }
  }
}
