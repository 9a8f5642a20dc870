import Glibc
import SystemAPI
import SystemModel
import Wire

/// What an ask and a reply cost, in nanoseconds: `natsight-simulate cost`.
enum Cost {
  static func lines() -> [String] {
    [3, 1_000].map { count in
      let (ask, reply, end) = measure(count)
      return "\(count) servers: \(ask) ns an ask, \(reply) ns a reply, \(end) ns the last reply, which ends the question"
    }
  }

  /// Of this thread, so that a busy machine does not matter much.
  private static func cpuTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(Span.wholeSeconds(Int64(time.tv_sec)).nanoseconds) + UInt64(time.tv_nsec)
  }

  private static func measure(_ count: Int) -> (ask: UInt64, reply: UInt64, end: UInt64) {
    let start = Instant(monotonic: MonotonicTime(nanoseconds: 1_000_000_000_000), wall: Timestamp(seconds: 1_700_000_000))
    var model = SystemModel(at: start)
    let servers = (0..<count).map { number in
      var server = ServerDescription()
      server.id = "NDXK7UVZQ3Y3V5MTLOPRBQJFZ2W6H4Q2GZ5X5R3K4M3T2L6I\(1_000_000 + number)"
      server.name = "server-\(number)"
      server.cluster = "cluster-\(number % 8)"
      server.version = "2.11.4"
      return server
    }
    for effect in model.apply(.connected(Link(url: "nats://a")), at: start) {
      guard case .sendDiscovery(let id) = effect else { continue }
      for server in servers { _ = model.apply(.discovered(id, server, Beat(countedServers: count)), at: start) }
    }
    let refs = servers.compactMap { model.servers.server(id: $0.id)?.ref }
    let question = Question(.every, form: QuestionForm(.server("VARZ"), endpoint: "varz"))
    var now = start
    var (asks, replies, ends) = (UInt64(0), UInt64(0), UInt64(0))
    let rounds = max(20, 200_000 / count)
    for round in 0..<rounds {
      now.monotonic = now.monotonic + .milliseconds(1)
      let until = now.monotonic + .seconds(2)
      let asked = cpuTime()
      let effects = model.apply(.ask(AskID(number: UInt64(round)), question, until: until, isStreaming: false), at: now)
      asks += cpuTime() - asked
      for effect in effects {
        guard case .sendQuestion(let id, _, _) = effect else { continue }
        _ = model.apply(.flushed(id), at: now)
        let begun = cpuTime()
        for ref in refs.dropLast() { _ = model.apply(.reply(id, .known(ref), isRefusal: false), at: now) }
        let last = cpuTime()
        if let ref = refs.last { _ = model.apply(.reply(id, .known(ref), isRefusal: false), at: now) }
        replies += last - begun
        ends += cpuTime() - last
      }
    }
    return (asks / UInt64(rounds), replies / UInt64(rounds * (count - 1)), ends / UInt64(rounds))
  }
}
