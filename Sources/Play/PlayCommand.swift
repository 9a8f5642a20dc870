import Recording
import Wire

/// What `scripts/play` does.
///
/// usage: FOLDER DAYS SECONDS [UNTIL [SHARE]], for epochs so many seconds apart that end now, or at a moment of RFC 3339; SHARE is 1 to 10: one of so
/// many clients and streams is there. The night in which something happens is the last whole one.
package struct PlayCommand {
  package struct Misuse: Error, CustomStringConvertible {
    package let description = "usage: FOLDER DAYS SECONDS [UNTIL [SHARE]]"
  }

  /// The hour at which the night is over.
  private static let over = 4

  private let folder: String
  private let epochs: Range<Int>
  private let every: Int
  private let system: PlayedSystem

  package init(_ arguments: [String], now: Timestamp) throws {
    guard (3...5).contains(arguments.count), let days = Double(arguments[1]), let every = Int(arguments[2]), days > 0, days <= 400,
      (10...3600).contains(every), let until = arguments.count > 3 ? Timestamp(rfc3339: arguments[3]) : now,
      (1 << 30...1 << 33).contains(until.seconds), let share = arguments.count > 4 ? Int(arguments[4]) : 1, (1...10).contains(share)
    else { throw Misuse() }
    folder = arguments[0]
    self.every = every
    let end = Int(until.seconds)
    let start = end - Int(days * 86_400)
    epochs = start / every..<end / every
    system = PlayedSystem(began: start - 86_400, night: (end - PlayCommand.over * 3600) / 86_400, share: share)
  }

  /// - Returns: How many epochs there are.
  package func run() throws -> Int {
    let store = try SQLiteRecordStore(folder: folder, packers: 2)
    defer { store.close() }
    try Player(store).play(system, epochs, every: every)
    return epochs.count
  }
}
