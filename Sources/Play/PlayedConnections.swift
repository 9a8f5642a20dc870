import Wire

/// The clients that are connected to one server at one moment.
///
/// Each client has a server that it likes. While that is not there it is on another one, and it stays there: that is what clients do.
struct PlayedConnections {
  static let accounts = ["ORDERS", "BILLING", PlayedNight.vanished.account]
  private static let clients = 1_000
  private static let services = (0..<40).map { "service-\($0)" }
  private static let reports = (0..<7).map { "report-\($0)" }
  private static let addresses = (0..<clients).map { "10.0.\($0 / 250).\($0 % 250)" }

  private struct Client {
    var number: Int
    var name: String
    var account: String
    var version: String
    var cid: Int
    /// When it connected, seconds since 1970.
    var since: Int
  }

  private let moment: PlayedMoment
  private let clients: [Client]
  /// Connections of each account.
  let counts: [String: Int]

  var count: Int { clients.count }

  init(_ moment: PlayedMoment, _ there: [PlayedMoment]) {
    self.moment = moment
    var found: [Client] = []
    found.reserveCapacity(PlayedConnections.clients / 3)
    for number in 0..<PlayedConnections.clients / moment.share {
      if let client = PlayedConnections.client(number, moment) { found.append(client) }
    }
    if moment.isStormed { found += PlayedConnections.storm(moment) }
    clients = found
    counts = found.reduce(into: [:]) { $0[$1.account, default: 0] += 1 }
  }

  /// Servers of cluster B, which take up b2's clients, by their places.
  private static let refuge = [3, 5]

  /// nil for one that is not connected to this server.
  private static func client(_ number: Int, _ moment: PlayedMoment) -> Client? {
    let isReport = number % 17 == 5
    if isReport, moment.minute >= PlayedNight.vanished.minute { return nil }
    let liked = number % 6
    let isMoved = liked == 4 && moment.minute >= PlayedNight.restart.down
    guard (isMoved ? refuge[number / 6 % 2] : liked) == moment.place else { return nil }
    let minute = moment.minute
    let midnight = moment.at - moment.at % 60 - minute * 60
    var client = Client(
      number: number, name: services[number % 40], account: number % 3 == 0 ? "BILLING" : "ORDERS", version: "1.37.0", cid: number + 100,
      since: isMoved ? midnight + PlayedNight.restart.down * 60 + number % 20 : moment.started)
    if isMoved { client.cid += 40_000 }
    if isReport { (client.name, client.account) = (reports[number % 7], PlayedNight.vanished.account) }
    if number % 25 == 3, !isReport {
      let isDeployed = minute >= PlayedNight.deploy.minute
      client.name = PlayedNight.deploy.name + "-" + (isDeployed ? PlayedNight.deploy.to : PlayedNight.deploy.from)
      if isDeployed {
        client.cid += 20_000
        client.since = max(client.since, midnight + PlayedNight.deploy.minute * 60 + number % 30)
      }
    }
    return client
  }

  /// Each is another connection a minute later.
  private static func storm(_ moment: PlayedMoment) -> [Client] {
    let round = moment.minute - PlayedNight.storm.minutes.lowerBound
    return (0..<PlayedNight.storm.clients / moment.share).map { number in
      Client(
        number: number, name: PlayedNight.storm.name, account: "ORDERS", version: "0.9.1",
        cid: 60_000 + round * PlayedNight.storm.connectsEachMinute / moment.share + number, since: moment.at - number % 50)
    }
  }

  var document: [UInt8] {
    PlayedDocuments.document(moment, capacity: clients.count * 300 + 256) { json in
      json.member("num_connections", clients.count)
      json.member("total", clients.count)
      json.member("offset", 0)
      json.member("limit", 1024)
      json.key("connections")
      json.array { json in
        var texts = Texts()
        for client in clients { json.object { write(client, &texts, to: &$0) } }
      }
    }
  }

  /// Times and durations as they are written: many are of the same second.
  private struct Texts {
    private var times: [Int: String] = [:]
    private var durations: [Int: String] = [:]

    mutating func time(_ seconds: Int) -> String { Texts.known(seconds, &times, PlayedDocuments.time) }
    mutating func duration(_ seconds: Int) -> String { Texts.known(seconds, &durations, PlayedDocuments.duration) }

    private static func known(_ seconds: Int, _ texts: inout [Int: String], _ text: (Int) -> String) -> String {
      if let known = texts[seconds] { return known }
      let new = text(seconds)
      texts[seconds] = new
      return new
    }
  }

  private func write(_ client: Client, _ texts: inout Texts, to json: inout JSONWriter) {
    let (number, age) = (client.number, moment.at - client.since)
    // One in five is silent, the others send at a pace of their own, and no two minutes are alike.
    let pace = number % 5 == 0 ? 0 : number % 17 + 1
    let noise = pace == 0 ? 0 : (moment.at / 60 &* 2_654_435_761 &+ number &* 40_503) >> 8 & 0x1FF
    let idle = pace == 0 ? age : (number + moment.at) % (60 / pace + 1)
    let (received, sent) = (17 + age * pace + noise, 3 + age * (number % 5) + noise / 3)
    json.member("cid", client.cid)
    json.member("kind", "Client")
    json.member("type", "nats")
    json.member("ip", PlayedConnections.addresses[number])
    json.member("port", 40_000 + number)
    json.member("start", texts.time(client.since))
    json.member("last_activity", texts.time(moment.at - idle))
    json.member("idle", texts.duration(idle))
    json.member("pending_bytes", 0)
    json.member("in_msgs", received)
    json.member("out_msgs", sent)
    json.member("in_bytes", received * 120)
    json.member("out_bytes", sent * 130)
    json.member("subscriptions", number % 9)
    json.member("name", client.name)
    json.member("lang", "go")
    json.member("version", client.version)
    json.member("account", client.account)
  }
}
