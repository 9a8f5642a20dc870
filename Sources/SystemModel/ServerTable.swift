import SystemAPI
import Wire

/// One server, as it is believed to be.
public struct KnownServer: Sendable, Equatable {
  public internal(set) var ref: ServerRef
  /// The id is empty where the operator declared the server and it was never heard.
  public internal(set) var description: ServerDescription
  /// Neither cluster nor version is known of it: it was only heard in answers that do not tell.
  public internal(set) var isPartial = false
  public internal(set) var standing: Standing
  /// Since when it stands so.
  public internal(set) var since: Instant
  /// When it was last heard.
  public internal(set) var heard: Instant
  public internal(set) var appeared: Instant
  public internal(set) var ordinal: Ordinal?
  /// Round trip of the last thing it answered.
  public internal(set) var rtt: Span?
  /// `active_servers` of its last beat.
  public internal(set) var countedServers = 0
  /// Who leads its JetStream domain, by its last beat; empty where it knows of none, nil where it says nothing of it.
  public internal(set) var metaLeader: String?
  /// Questions that went to it, as far as rows were told (`SystemModel.questions(to:)` tells all).
  var questions = 0
  /// Of an awaited one: what became of the server that bore its name.
  public internal(set) var departed: Standing?
  /// It said itself that it goes: no later word brings it back.
  var saidGoodbye = false
  /// It has answered a question, a probe or a discovery.
  var hasAnswered = false
  var probe: ProbeID?
  var wantsProbe = false

  public var id: ServerID { description.id }
  public var name: String { description.name }
  public var cluster: String { description.cluster }
  /// The id is known.
  public var isIdentified: Bool { !description.id.isEmpty }
  /// Messages tell nothing of it that is not known.
  public var isWhole: Bool { isIdentified && !isPartial }
  public var isBeingProbed: Bool { probe != nil }
}

/// The rows of the roster. Dictionaries are for look-up only: whoever walks, walks rows in their order.
public struct ServerTable: Sendable, Equatable {
  private var rows: [KnownServer] = []
  private var occupied: [Bool] = []
  private var free: [Int] = []
  private var byID: [ServerID: Int] = [:]
  private var byName: [String: [Int]] = [:]
  private var byOrdinal: [Ordinal: Int] = [:]
  public private(set) var count = 0
  /// Of these, servers whose id is known.
  public private(set) var identified = 0
  /// Grows with every change of a row that others could have remembered: membership, standing, description.
  public internal(set) var epoch = 0

  // MARK: Looking up

  /// The rows that there are, free ones included: `row(at:)` tells.
  public var rowCount: Int { rows.count }

  public func row(at index: Int) -> KnownServer? { index < rows.count && occupied[index] ? rows[index] : nil }

  public subscript(ref: ServerRef) -> KnownServer? {
    let index = Int(ref.row)
    guard index < rows.count, occupied[index], rows[index].ref.generation == ref.generation else { return nil }
    return rows[index]
  }

  public func index(id: ServerID) -> Int? { byID[id] }

  public func server(id: ServerID) -> KnownServer? { byID[id].map { rows[$0] } }

  public func server(ordinal: Ordinal) -> KnownServer? { byOrdinal[ordinal].map { rows[$0] } }

  /// Rows of a name, in order of arrival.
  public func indices(name: String) -> [Int] { byName[name] ?? [] }

  /// All servers, ordered by cluster, name and id.
  public var ordered: [KnownServer] { servers.sorted(by: ServerTable.inOrder) }

  /// All servers, in the order of their rows.
  public var servers: [KnownServer] { rows.indices.compactMap { occupied[$0] ? rows[$0] : nil } }

  public static func inOrder(_ left: KnownServer, _ right: KnownServer) -> Bool {
    (left.cluster, left.name, left.id) < (right.cluster, right.name, right.id)
  }

  // MARK: Changing

  func isOccupied(_ index: Int) -> Bool { index < rows.count && occupied[index] }

  /// A row that is there; free rows must not be asked for.
  subscript(row index: Int) -> KnownServer {
    get { rows[index] }
    _modify { yield &rows[index] }
  }

  func validIndex(_ ref: ServerRef) -> Int? {
    let index = Int(ref.row)
    guard index >= 0, index < rows.count, occupied[index], rows[index].ref.generation == ref.generation else { return nil }
    return index
  }

  mutating func insert(_ description: ServerDescription, standing: Standing, ordinal: Ordinal?, at now: Instant) -> Int {
    let index: Int
    if let reused = free.popLast() {
      index = reused
      let generation = rows[index].ref.generation &+ 1
      rows[index] = KnownServer(
        ref: ServerRef(row: Int32(index), generation: generation), description: description, standing: standing, since: now, heard: now,
        appeared: now, ordinal: ordinal)
      occupied[index] = true
    } else {
      index = rows.count
      rows.append(
        KnownServer(
          ref: ServerRef(row: Int32(index), generation: 0), description: description, standing: standing, since: now, heard: now,
          appeared: now, ordinal: ordinal))
      occupied.append(true)
    }
    count += 1
    if !description.id.isEmpty {
      byID[description.id] = index
      identified += 1
    }
    byName[description.name, default: []].append(index)
    if let ordinal { byOrdinal[ordinal] = index }
    epoch += 1
    return index
  }

  mutating func describe(_ index: Int, _ description: ServerDescription) {
    let old = rows[index].description
    guard old != description else { return }
    if old.name != description.name {
      removeName(index)
      byName[description.name, default: []].append(index)
    }
    rows[index].description = description
    epoch += 1
  }

  mutating func remove(_ index: Int) {
    guard isOccupied(index) else { return }
    let server = rows[index]
    if server.isIdentified {
      byID[server.id] = nil
      identified -= 1
    }
    removeName(index)
    if let ordinal = server.ordinal { byOrdinal[ordinal] = nil }
    occupied[index] = false
    free.append(index)
    count -= 1
    epoch += 1
  }

  private mutating func removeName(_ index: Int) {
    let name = rows[index].name
    byName[name]?.removeAll { $0 == index }
    if byName[name]?.isEmpty == true { byName[name] = nil }
  }
}

extension ServerTable {
  /// Whether rows and what is looked up agree.
  func check(_ found: inout [String]) {
    var taken = 0
    var known = 0
    var named = 0
    var numbered = 0
    for row in rows.indices where occupied[row] {
      taken += 1
      let server = rows[row]
      if server.ref.row != Int32(row) { found.append("row \(row) says it is \(server.ref.row)") }
      if server.isIdentified {
        known += 1
        if byID[server.id] != row { found.append("\(server.id) is not found") }
      }
      if let ordinal = server.ordinal {
        numbered += 1
        if byOrdinal[ordinal] != row { found.append("ordinal \(ordinal) is not found") }
      }
      if byName[server.name]?.contains(row) != true { found.append("\(server.name) is not found") }
    }
    for (_, rows) in byName { named += rows.count }
    if taken != count || taken + free.count != rows.count { found.append("\(taken) rows, counted \(count)") }
    if known != identified || known != byID.count { found.append("\(known) ids, counted \(identified), found \(byID.count)") }
    if named != taken { found.append("\(named) names of \(taken) rows") }
    if numbered != byOrdinal.count { found.append("\(numbered) ordinals, found \(byOrdinal.count)") }
  }
}
