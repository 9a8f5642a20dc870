import Wire

/// The events between two recorded moments as an epoch keeps them: the text of `/events` for readers who may see no secrets, within bounds.
struct KeptEvents: Sendable {
  /// Events of an epoch, and bytes of their text.
  static let most = 500
  static let mostBytes = 128 << 10

  let since: Timestamp
  let until: Timestamp
  /// In their order.
  let events: [WatchedEvent]
  /// Some were forgotten before they could be kept.
  let isWhole: Bool

  /// The document; nil where nothing happened.
  func text() -> [UInt8]? {
    guard !events.isEmpty || !isWhole else { return nil }
    let kept = chosen
    var counts: [String: Int] = [:]
    for event in events { counts[event.kind.rawValue, default: 0] += 1 }
    var json = JSONWriter()
    json.object { json in
      json.member("since", since.rfc3339)
      json.member("until", until.rfc3339)
      json.member("whole", isWhole)
      json.member("left_out", events.count - kept.count)
      json.objectMember("counts") { json in
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
          json.key(kind)
          json.integer(count)
        }
      }
      json.arrayMember("events") { json in for text in kept { json.raw(text) } }
    }
    // By their names secrets were taken out when the event came; here it is done by their looks, as for readers of `/events`.
    return Redaction.redact(json.bytes) ?? json.bytes
  }

  /// What comes by the thousand makes room for what comes once; of equals the newest stay.
  private var chosen: [ArraySlice<UInt8>] {
    let common: Set<WatchedEventKind> = [.connect, .disconnect, .connections, .authError]
    let order =
      events.indices.reversed().filter { !common.contains(events[$0].kind) }
      + events.indices.reversed().filter { common.contains(events[$0].kind) }
    var places: [Int] = []
    var bytes = 0
    for place in order {
      guard let data = KeptEvents.slice(events[place].frame), places.count < KeptEvents.most, bytes + data.count <= KeptEvents.mostBytes
      else { continue }
      bytes += data.count
      places.append(place)
    }
    return places.sorted().compactMap { KeptEvents.slice(events[$0].frame) }
  }

  /// The JSON of a server-sent event.
  static func data(_ frame: [UInt8]) -> [UInt8]? { slice(frame).map(Array.init) }

  private static func slice(_ frame: [UInt8]) -> ArraySlice<UInt8>? {
    let mark = Array("\ndata: ".utf8)
    // `id` and `event` stand before it, and hold no line feed.
    var lines = 0
    for place in frame.indices where frame[place] == 0x0A {
      lines += 1
      if lines > 2 { return nil }
      if frame[place...].starts(with: mark) {
        let rest = frame[(place + mark.count)...]
        return rest.prefix { $0 != 0x0A }
      }
    }
    return nil
  }
}
