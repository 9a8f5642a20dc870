/// What happens in the night that `docs/time.md` tells of, as data. Times are minutes of the day, UTC.
///
/// 02:40 a client storm on b2; 02:50 a consumer that falls behind; 03:00 a deploy: clients with another version; 03:05 an account whose connections
/// vanish; 03:12 b2 is gone, and a stream has no leader; 03:20 b2 is back, another process with another version.
enum PlayedNight {
  /// From before the first to after the last.
  static let span = 2 * 60..<4 * 60 + 30
  /// Clients that connect anew again and again, all to one server.
  static let storm = (server: "b2", name: "importer", clients: 300, minutes: 2 * 60 + 40..<2 * 60 + 47, connectsEachMinute: 2_400)
  /// A consumer to whom messages are delivered and who acknowledges none; afterwards it catches up.
  static let backlog = (
    stream: "INVOICES", consumer: "billing", minutes: 2 * 60 + 50..<3 * 60 + 26, eachMinute: 900, acknowledged: 1_000, caughtUp: 3 * 60 + 40
  )
  /// Clients that are stopped and started in another version.
  static let deploy = (name: "checkout", minute: 3 * 60, from: "1.9.4", to: "2.0.0")
  /// An account whose connections end, and do not come back.
  static let vanished = (account: "REPORTS", minute: 3 * 60 + 5)
  /// A server that goes without a word, and comes back in another version.
  static let restart = (server: "b2", down: 3 * 60 + 12, up: 3 * 60 + 20, from: "2.14.5", to: "2.14.6")
  /// A stream of two replicas, which nobody leads while one of them is not there.
  static let leaderless = (stream: "SHIPMENTS", replicas: ["b2", "b3"])
}

/// One server at one moment.
struct PlayedMoment {
  let name: String
  let cluster: String
  /// Its number among the servers.
  let place: Int
  /// When its documents are read, seconds since 1970.
  let at: Int
  /// When it was started.
  let started: Int
  /// It was started anew in the night.
  let isNew: Bool
  /// Minutes since the night's midnight; below zero before.
  let minute: Int
  /// One of so many clients and streams is there.
  let share: Int

  /// Seconds since it was started.
  var age: Int { at - started }
  var id: String { "N" + String(repeating: name.uppercased(), count: 27) + (isNew ? "N" : "O") }
  var version: String { isNew ? PlayedNight.restart.to : PlayedNight.restart.from }
  /// From 50 on, with a day's rhythm.
  var load: Int { 50 + abs(at % 86_400 - 43_200) / 900 + at / 60 * 7919 % 13 }
  var isStormed: Bool { name == PlayedNight.storm.server && PlayedNight.storm.minutes.contains(minute) }
  /// Connections that the storm has made so far.
  var stormed: Int {
    guard name == PlayedNight.storm.server, !isNew else { return 0 }
    let minutes = PlayedNight.storm.minutes
    return min(max(0, minute - minutes.lowerBound), minutes.count) * PlayedNight.storm.connectsEachMinute / share
  }
}
