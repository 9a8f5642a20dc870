import Gateway
import Glibc
import Wire

/// What `scripts/play judge` does: judges a played fleet for some rounds, four minutes apart so that trends have their window, and prints what each took.
///
/// usage: judge [SERVERS [ASSETS [REPLICAS [ROUNDS]]]]
package struct FleetCommand {
  package struct Misuse: Error, CustomStringConvertible {
    package let description = "usage: judge [SERVERS [ASSETS [REPLICAS [ROUNDS]]]]: 10 to 10000, 0 to 400000, 1 to 5, 1 to 1000"
  }

  private let fleet: PlayedFleet
  private let rounds: Int

  package init(_ arguments: [String]) throws {
    let numbers = arguments.map(Int.init) + Array(repeating: nil, count: max(0, 4 - arguments.count))
    guard arguments.count <= 4, arguments.allSatisfy({ Int($0) != nil }) else { throw Misuse() }
    let (servers, assets, replicas, rounds) = (numbers[0] ?? 1000, numbers[1] ?? 100_000, numbers[2] ?? 1, numbers[3] ?? 8)
    guard (10...10_000).contains(servers), (0...400_000).contains(assets), (1...5).contains(replicas), (1...1000).contains(rounds) else {
      throw Misuse()
    }
    fleet = PlayedFleet(servers: servers, assets: assets, replicas: replicas)
    self.rounds = rounds
  }

  /// Processor seconds of this thread: what others do on the machine does not count.
  private static func clock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return (Span.wholeSeconds(Int64(time.tv_sec)) + Span(nanoseconds: Int64(time.tv_nsec))).seconds
  }

  /// Bytes in memory now.
  private static var resident: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self).split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * 4096 : 0
  }

  /// A line of JSON for each round.
  package func run() {
    let judging = JudgedRounds(clock: FleetCommand.clock)
    for round in 0..<rounds {
      let documents = fleet.documents(round)
      let cost = judging.judge(documents, at: Timestamp(seconds: 1_796_000_000 + Int64(round) * 240))
      print(
        """
        {"round":\(round),"streams":\(cost.streams),"consumers":\(cost.consumers),"reading_ms":\(cost.reading * 1000),\
        "remembering_ms":\(cost.remembering * 1000),"judging_ms":\(cost.judging * 1000),"whole_ms":\(cost.whole * 1000),\
        "findings":\(cost.findings),"bytes":\(cost.bytes),"resident":\(FleetCommand.resident)}
        """)
    }
  }
}
