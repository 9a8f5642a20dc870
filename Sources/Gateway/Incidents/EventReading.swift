import Recording
import Wire

/// Reads the events that epochs keep. For workers.
struct EventReading: Sendable {
  /// Bytes of kept text that one answer is read from, at most.
  static let mostBytes = 64 << 20
  /// Epochs of one answer, at most: the newest of the span.
  static let most = 100_000
  /// An epoch tells of what came before it: how much later it may be than that.
  private static let lookAhead = Span.wholeSeconds(3600)

  var filter: EventFilter
  /// Events of an earlier or a later moment are left out; nil for all that an epoch tells.
  var span: (since: Timestamp, until: Timestamp)?
  /// Rows to skip, and the most rows.
  var offset = 0
  var limit = 1_000
  /// The reader may know of one account only: how much epochs had no room for is of others too, and is not told.
  var isOfTenant = false
  var most = EventReading.most

  struct Found: Sendable {
    /// Nothing is known to be missing.
    var isWhole = true
    /// Events that epochs had no room for, of whatever kind.
    var leftOut = 0
    /// Those that were asked for, by kind.
    var counts: [String: Int] = [:]
    var total = 0
    /// A page of them, each as JSON, the oldest first.
    var rows: [[UInt8]] = []
    /// The moments of the span, where it is one.
    var oldest: Timestamp?
    var newest: Timestamp?
    /// Where reading ended before the span did, since there is too much of it.
    var readUntil: Timestamp?
  }

  /// What the epochs of a span tell; nil where there are none.
  func read(_ store: any RecordStore) throws(RecordError) -> Found? {
    guard let span else { return nil }
    let all = try store.epochs(since: span.since, until: span.until + EventReading.lookAhead, most: most + 1)
    let epochs = all.suffix(most)
    guard let first = epochs.first, let last = epochs.last else { return nil }
    var found = Found(oldest: first.at, newest: last.at)
    // What came before the first moment is not known, nor what came where epochs do not tell.
    let isReachedBack = try store.epoch(at: span.since) != nil
    found.isWhole = isReachedBack && all.count == epochs.count
    var silent = Dictionary(epochs.map { ($0.number, $0.at) }) { first, _ in first }
    var bytes = 0
    let events = RecordedDocument.OfEpoch.events.rawValue
    try store.documents(named: events, since: first.at, until: last.at, most: most) { header, document in
      silent[header.number] = nil
      bytes += document.bytes.count
      guard bytes <= EventReading.mostBytes else {
        found.readUntil = header.began
        return false
      }
      add(document.bytes, to: &found)
      return true
    }
    if found.isWhole { found.isWhole = try doTell(store, silent) }
    return found
  }

  /// Whether all of these epochs tell that nothing came, by their numbers with their moments.
  private func doTell(_ store: any RecordStore, _ epochs: [Int: Timestamp]) throws(RecordError) -> Bool {
    guard let first = epochs.values.min(), let last = epochs.values.max() else { return true }
    var left = Set(epochs.keys)
    let facts = RecordedDocument.OfEpoch.facts.rawValue
    try store.documents(named: facts, since: first, until: last, most: most) { header, _ in
      left.remove(header.number)
      return !left.isEmpty
    }
    return left.isEmpty
  }

  /// What one epoch tells; nil where it does not: it is of an earlier version, or of a system that nobody listened to.
  func read(_ store: any RecordStore, ofEpoch number: Int) throws(RecordError) -> Found? {
    if let document = try store.documents(ofEpoch: number, named: RecordedDocument.OfEpoch.events.rawValue).first {
      var found = Found()
      add(document.bytes, to: &found)
      return found
    }
    return try tells(store, number) ? Found() : nil
  }

  /// Where nothing came there is no document, but there are the others that are made with it.
  private func tells(_ store: any RecordStore, _ number: Int) throws(RecordError) -> Bool {
    try !store.documents(ofEpoch: number, named: RecordedDocument.OfEpoch.facts.rawValue).isEmpty
  }

  private func add(_ text: [UInt8], to found: inout Found) {
    guard let kept = try? JSONView(validating: text), let since = EventReading.time(kept["since"]),
      let until = EventReading.time(kept["until"])
    else {
      found.isWhole = false
      return
    }
    if let span, until < span.since || since > span.until { return }
    found.isWhole = found.isWhole && kept["whole"]?.bool == true
    found.leftOut += max(0, min(kept["left_out"]?.int ?? 0, 1 << 40))
    for event in kept["events"]?.elements ?? [] where isMeant(event) {
      found.counts[event["type"]?.string ?? "", default: 0] += 1
      found.total += 1
      if found.total > offset, found.rows.count < limit { found.rows.append(Array(event.raw)) }
    }
  }

  private static func time(_ value: JSONView?) -> Timestamp? { value?.string.flatMap { Timestamp(rfc3339: $0) } }

  private func isMeant(_ event: JSONView) -> Bool {
    guard let kind = event["type"]?.string.flatMap(WatchedEventKind.init(rawValue:)), let received = EventReading.time(event["received"])
    else { return false }
    if let span, !(span.since...max(span.since, span.until)).contains(received) { return false }
    let (server, account) = (event["server"], event["account"]?.string ?? "")
    return filter.fits(
      WatchedEvent(
        kind: kind, sequence: 0, received: received, serverID: server?["id"]?.string ?? "", serverName: server?["name"]?.string ?? "",
        cluster: server?["cluster"]?.string ?? "", account: event["account_id"]?.string ?? account, accountName: account,
        client: event["client"]?.string ?? "", frame: [], secretFrame: nil))
  }
}

extension EventReading.Found {
  func write(_ reading: EventReading, to json: inout JSONWriter) {
    if let oldest { json.member("oldest", oldest.rfc3339) }
    if let newest { json.member("newest", newest.rfc3339) }
    // What was left out may be of the one account.
    json.member("whole", isWhole && (!reading.isOfTenant || leftOut == 0))
    if !reading.isOfTenant { json.member("left_out", unlessZero: leftOut) }
    if let readUntil { json.member("read_until", readUntil.rfc3339) }
    json.objectMember("counts") { json in
      for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
        json.key(kind)
        json.integer(count)
      }
    }
    json.member("total", total)
    json.member("offset", reading.offset)
    json.member("limit", reading.limit)
    json.arrayMember("events") { json in for row in rows { json.raw(row) } }
  }
}
