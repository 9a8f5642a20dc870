@preconcurrency import Dispatch
import Gateway
import Reactor
import Recording
import Wire

/// Plays a system of six servers into a record, in virtual time: what `make bench` asks for earlier moments and figures over time.
///
/// usage: natsight-play FOLDER DAYS SECONDS, for epochs so many seconds apart that end now.
@main
enum Play {
  struct Misuse: Error, CustomStringConvertible {
    let description = "usage: natsight-play FOLDER DAYS SECONDS"
  }

  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count == 3, let days = Int(arguments[1]), let every = Int(arguments[2]), (1...400).contains(days),
      (10...3600).contains(every)
    else { throw Misuse() }
    let store = try SQLiteRecordStore(folder: arguments[0])
    let queue = DispatchQueue(label: "play")
    let writer = EpochWriter(store, queue: queue, foldingQueue: queue)
    let now = Int(WallClock.now().seconds)
    let system = PlayedSystem(began: now - days * 86_400, today: now / 86_400)
    let epochs = (now - days * 86_400) / every..<now / every
    try queue.sync {
      for number in epochs {
        let epoch = system.epoch(number, every: every)
        _ = try writer.write(epoch, every: every, oldest: .zero, bytes: .max)
        try writer.fold([epoch.header.at])
      }
    }
    store.close()
    print("\(epochs.count) epochs")
  }
}
