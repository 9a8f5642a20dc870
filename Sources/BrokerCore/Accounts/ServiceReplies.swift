import Wire

/// One request that crossed an account's border and may still be answered.
package final class PendingReply {
  package let serviceImport: ServiceImport
  /// Kept, because a reload may take the account away before the answer comes.
  package let importer: Account
  /// Where the requester waits, in the importing account.
  package let reply: [UInt8]
  /// Where the answer comes in, in the exporting account.
  package let address: [UInt8]
  package let startedAt: MonotonicTime
  /// Where several answers may come, each gives the next one as long as the first had.
  package private(set) var expiresAt: MonotonicTime
  private let threshold: Span
  /// Nanoseconds since 1970, for latency samples.
  let startedWall: UInt64
  /// Connection id of who asked; 0: the server.
  package let requester: UInt64
  package var isTracked = false
  /// Traces that are still to come, where this is not for an answer but for what servers beyond the border tell of a message; 0 for an answer.
  package private(set) var awaitedTraces: Int
  let isForTraces: Bool
  /// Header of the request that asked for the sample, where sampling goes by headers.
  package var trackingHeader: [String: [String]] = [:]
  /// Called when nobody waits for the answer any more, where that is measured.
  var abandoned: ((PendingReply) -> Void)?

  package init(
    serviceImport: ServiceImport, reply: [UInt8], address: [UInt8], startedAt: MonotonicTime, threshold: Span,
    startedWall: UInt64, requester: UInt64, awaitedTraces: Int = 0
  ) {
    self.serviceImport = serviceImport
    importer = serviceImport.importer
    self.reply = reply
    self.address = address
    self.startedAt = startedAt
    self.threshold = threshold
    expiresAt = startedAt + threshold
    self.startedWall = startedWall
    self.requester = requester
    self.awaitedTraces = awaitedTraces
    isForTraces = awaitedTraces > 0
  }

  /// One of several answers came.
  func prolong(_ now: MonotonicTime) { expiresAt = now + threshold }

  /// A message that is followed goes on to so many servers more.
  func awaitTraces(_ more: Int) { awaitedTraces += min(more, Self.mostTraces - awaitedTraces) }

  /// One trace came.
  func tookTrace() { awaitedTraces -= 1 }

  /// What others tell is theirs: they say that more is to come, but not how long that is believed.
  private static let mostTraces = 1_024
}

/// The answers an exporting account still owes, by generated reply subject (`_R_.<account>.<request>`).
package final class ServiceReplies {
  private var table = ByteTable<PendingReply>()
  /// Addresses for traces: each stays until as many have told as the message went on to, or for `traceTime`.
  package private(set) var awaitedTraces = 0
  /// The most of them. What goes on beyond is not followed there.
  package static let traceLimit = 4_096
  /// How long servers beyond a border may take to tell.
  package var traceTime = Span.seconds(10)
  /// `_R_.<six characters>.`, made at the first request.
  package private(set) var prefix: [UInt8] = []
  private var sweepAt = MonotonicTime.origin
  /// When a timer next looks for measured requests that got no answer.
  var nextCheck = MonotonicTime.distantFuture

  package var count: Int { table.count }

  /// A fresh reply subject; `first` is true when the prefix was made just now and needs its subscription.
  func makeAddress(tracked: Bool) -> (address: [UInt8], first: Bool) {
    let first = prefix.isEmpty
    if first { prefix = Array("_R_.".utf8) + RandomName.characters(6) + [Subject.dotByte] }
    while true {
      var address = prefix + RandomName.characters(6)
      if tracked { address += [Subject.dotByte, UInt8(ascii: "T")] }
      // One that is owed an answer under that name would never get it.
      if address.withUnsafeBytes({ table[$0] == nil }) { return (address, first) }
    }
  }

  func insert(_ pending: PendingReply) {
    if pending.isForTraces { awaitedTraces += 1 }
    pending.address.withUnsafeBytes { table.set($0, pending) }
  }

  func find(_ address: UnsafeRawBufferPointer) -> PendingReply? { table[address] }

  package func remove(_ pending: PendingReply) {
    guard pending.address.withUnsafeBytes({ table.remove($0) }) != nil, pending.isForTraces else { return }
    awaitedTraces -= 1
  }

  /// The account goes: what is still owed keeps its import, and that the account.
  func removeAll() {
    table.removeAll()
    awaitedTraces = 0
  }

  package func forEach(_ body: (PendingReply) -> Void) { table.forEach(body) }

  /// It is time to look for what was never answered: at most every two seconds, so that each request bears a small part of it.
  func isSweepDue(_ now: MonotonicTime) -> Bool { now >= sweepAt }

  /// Takes out what was not answered in time.
  func takeExpired(_ now: MonotonicTime) -> [PendingReply] {
    sweepAt = now + .seconds(2)
    var dead: [PendingReply] = []
    table.forEach { if $0.expiresAt <= now { dead.append($0) } }
    dead.forEach(remove)
    return dead
  }
}
