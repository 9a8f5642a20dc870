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
  package let expiresAt: MonotonicTime
  /// Nanoseconds since 1970, for latency samples.
  let startedWall: UInt64
  /// Connection id of who asked; 0: the server.
  package let requester: UInt64
  package var isTracked = false
  /// Header of the request that asked for the sample, where sampling goes by headers.
  package var trackingHeader: [String: [String]] = [:]

  package init(
    serviceImport: ServiceImport, reply: [UInt8], address: [UInt8], startedAt: MonotonicTime, expiresAt: MonotonicTime,
    startedWall: UInt64, requester: UInt64
  ) {
    self.serviceImport = serviceImport
    importer = serviceImport.importer
    self.reply = reply
    self.address = address
    self.startedAt = startedAt
    self.expiresAt = expiresAt
    self.startedWall = startedWall
    self.requester = requester
  }
}

/// The answers an exporting account still owes, by generated reply subject (`_R_.<account>.<request>`).
package final class ServiceReplies {
  private var table = ByteTable<PendingReply>()
  /// `_R_.<six characters>.`, made at the first request.
  package private(set) var prefix: [UInt8] = []
  private var sweepAt = MonotonicTime.origin

  package var count: Int { table.count }

  /// A fresh reply subject; `first` is true when the prefix was made just now and needs its subscription.
  func makeAddress(tracked: Bool) -> (address: [UInt8], first: Bool) {
    let first = prefix.isEmpty
    if first { prefix = Array("_R_.".utf8) + RandomName.characters(6) + [Subject.dotByte] }
    var address = prefix + RandomName.characters(6)
    if tracked { address += [Subject.dotByte, UInt8(ascii: "T")] }
    return (address, first)
  }

  func insert(_ pending: PendingReply, now: MonotonicTime) {
    pending.address.withUnsafeBytes { table.set($0, pending) }
    if now >= sweepAt { sweep(now) }
  }

  func find(_ address: UnsafeRawBufferPointer) -> PendingReply? { table[address] }

  package func remove(_ pending: PendingReply) { _ = pending.address.withUnsafeBytes { table.remove($0) } }

  package func forEach(_ body: (PendingReply) -> Void) { table.forEach(body) }

  /// Forgets what was never answered. Amortised: at most every two seconds.
  func sweep(_ now: MonotonicTime) {
    sweepAt = now + .seconds(2)
    var dead: [PendingReply] = []
    table.forEach { if $0.expiresAt <= now { dead.append($0) } }
    dead.forEach(remove)
  }
}
