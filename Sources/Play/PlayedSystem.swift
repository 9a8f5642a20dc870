import Recording
import Wire

/// Two clusters of three servers with accounts, 1,000 connections, 100 streams and 400 consumers, whose figures are functions of time, and one
/// night in which something happens (``PlayedNight``).
///
/// The documents have the members that are counted, listed and compared, as servers from 2.11 on write them, and not all that they have: an epoch
/// is half as long as that of a real system of this size, and as much of it moves.
package struct PlayedSystem: Sendable {
  private static let servers = [("a1", "A"), ("a2", "A"), ("a3", "A"), ("b1", "B"), ("b2", "B"), ("b3", "B")]
  private static let documents = [
    "varz", "connz", "jsz", "accountz", "accstatz", "routez", "gatewayz", "healthz", "subsz", "leafz",
  ].sorted()

  /// When the servers were started, seconds since 1970.
  private let began: Int
  /// The night's midnight, seconds since 1970.
  private let midnight: Int
  private let share: Int

  /// - Parameters:
  ///   - began: When the servers were started, seconds since 1970.
  ///   - night: The day in whose small hours the night is, days since 1970.
  ///   - share: One of so many clients and streams is there: 1 for all, up to 10.
  package init(began: Int, night: Int, share: Int = 1) {
    self.began = began
    self.share = min(max(1, share), 10)
    midnight = night * 86_400
  }

  /// - Parameters:
  ///   - number: The interval's number since 1970.
  ///   - every: Its length, seconds.
  package func epoch(_ number: Int, every: Int) -> Epoch {
    let at = number * every + every * 7 / 10
    let all = PlayedSystem.servers.enumerated().map { moment($1.0, $1.1, $0, at - 3) }
    let there = all.filter { isThere($0) }
    let header = EpochHeader(
      number: number, began: Timestamp(seconds: Int64(number * every)), at: Timestamp(seconds: Int64(at)), expected: all.count,
      responded: there.count, missing: all.count - there.count, documents: PlayedSystem.documents)
    let beliefs = PlayedBeliefs(at: at, began: began, gone: all.filter { !isThere($0) }.map(\.name)).text(all)
    let jetStreams = Dictionary(grouping: there, by: \.cluster).mapValues { PlayedJetStream($0) }
    return Epoch(
      header, beliefs: beliefs,
      documents: there.flatMap { moment in jetStreams[moment.cluster].map { PlayedDocuments(moment, there, $0).all } ?? [] })
  }

  /// Whether what is found is looked at minute by minute: something happens.
  func isEventful(_ number: Int, every: Int) -> Bool {
    PlayedNight.span.contains(floorDivided(number * every - midnight, 60))
  }

  private func moment(_ name: String, _ cluster: String, _ place: Int, _ at: Int) -> PlayedMoment {
    let up = midnight + PlayedNight.restart.up * 60
    let isNew = name == PlayedNight.restart.server && at >= up
    return PlayedMoment(
      name: name, cluster: cluster, place: place, at: at, started: isNew ? up - 20 : began, isNew: isNew,
      minute: floorDivided(at - midnight, 60),
      share: share)
  }

  private func isThere(_ moment: PlayedMoment) -> Bool {
    moment.name != PlayedNight.restart.server || !(PlayedNight.restart.down..<PlayedNight.restart.up).contains(moment.minute)
  }

  private func floorDivided(_ value: Int, _ divisor: Int) -> Int {
    value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
  }
}
