import Reactor

/// The servers a client may connect to: those it was given, and those that servers name in INFO.
struct ServerPool {
  struct Entry {
    let url: ServerURL
    let discovered: Bool
  }

  private(set) var entries: [Entry]
  /// Attempts since the last success.
  private(set) var failures = 0
  private let configured: [ServerURL]

  init(_ urls: [ServerURL]) {
    configured = urls
    entries = urls.map { Entry(url: $0, discovered: false) }
  }

  var current: ServerURL? { entries.first?.url }

  /// The current server failed, or is to be left: it goes to the end.
  mutating func moveOn() {
    failures += 1
    guard entries.count > 1 else { return }
    entries.append(entries.removeFirst())
  }

  /// This one comes next, if it is there.
  mutating func prefer(_ url: ServerURL) {
    guard let place = entries.firstIndex(where: { $0.url == url }), place > 1 else { return }
    entries.insert(entries.remove(at: place), at: 1)
  }

  mutating func succeeded() { failures = 0 }

  /// How long to wait before the next attempt: nothing during the first round, then ever longer with jitter.
  func wait(longest: Double) -> Double {
    let round = failures / max(1, entries.count)
    if round == 0 && failures < entries.count { return 0 }
    let most = min(longest, 0.05 * Double(1 << min(round, 10)))
    return most * Double.random(in: 0.5...1)
  }

  /// So many addresses are taken from one INFO.
  private static let mostDiscovered = 512

  /// Takes up the URLs of INFO and drops discovered ones that are no longer named, but for the one in use.
  mutating func discovered(_ addresses: [String]) {
    guard !addresses.isEmpty else { return }
    // The server that names its neighbours lets in whom they let in.
    let template = entries.first?.url ?? configured.first
    let name = template.flatMap { $0.verifiedName ?? (PeerAddress.isNumeric($0.host) ? nil : $0.host) }
    var urls: [ServerURL] = []
    for address in addresses.prefix(ServerPool.mostDiscovered) {
      guard var url = try? ServerURL(address) else { continue }
      url.tls = template?.tls ?? false
      url.user = template?.user
      url.password = template?.password
      // As in NATS's Go client: servers name themselves by address, and a certificate given by name bears the name.
      if PeerAddress.isNumeric(url.host) { url.verifiedName = name }
      urls.append(url)
    }
    let inUse = entries.first?.url
    entries.removeAll { entry in
      entry.discovered && entry.url != inUse && !urls.contains { $0.host == entry.url.host && $0.port == entry.url.port }
    }
    let known = entries.map(\.url)
    let new = urls.filter { url in !known.contains { $0.host == url.host && $0.port == url.port } }
    entries += new.shuffled().map { Entry(url: $0, discovered: true) }
  }
}
