import SystemAPI
import Wire

/// The text of a sheet: JSON, with the fields named once, so that later versions may know others.
extension SeriesSheet {
  public var text: [UInt8] {
    var json = JSONWriter(capacity: points.count * 160 + 256)
    json.object { json in
      json.member("every", every)
      json.member("left_out", leftOut)
      json.member("fields", kind.fields.map(\.name))
      json.key("points")
      json.array { json in
        for point in points { json.array { write(point, to: &$0) } }
      }
    }
    return json.bytes
  }

  private func write(_ point: SeriesPoint, to json: inout JSONWriter) {
    json.array { json in for part in point.parts { json.string(part) } }
    json.string(point.server)
    json.string(point.cluster)
    json.integer(point.time)
    json.string(point.origin)
    json.array { json in
      for value in point.values { if let value { json.double(value) } else { json.null() } }
    }
  }

  /// Reads such a text; nil for what is none. Points that cannot be read are passed over.
  public init?(_ kind: SeriesKind, text: [UInt8]) {
    let read: SeriesSheet? = text.withUnsafeBufferPointer { bytes in
      let members = JSONBytes.members(["every", "left_out", "fields", "points"], bytes, 0..<bytes.count)
      guard let every = members[0].flatMap({ JSONBytes.integer(bytes, $0) }), every > 0, let names = members[2], let rows = members[3]
      else { return nil }
      let places = JSONBytes.strings(bytes, names).map(kind.place)
      var points: [SeriesPoint] = []
      var elements = JSONElements(bytes, rows)
      while let row = elements.next() {
        if let point = SeriesSheet.point(kind, bytes, row, places) { points.append(point) }
      }
      return SeriesSheet(
        kind: kind, every: min(every, 86_400), leftOut: members[1].flatMap { JSONBytes.integer(bytes, $0) } ?? 0, points: points)
    }
    guard let read else { return nil }
    self = read
  }

  /// What may be a point's time, in milliseconds since 1970: whoever subtracts one from another has room.
  private static let times = 0...1_000_000_000_000_000

  private static func point(
    _ kind: SeriesKind, _ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>, _ places: [Int?]
  ) -> SeriesPoint? {
    var row = JSONElements(bytes, row)
    guard let parts = row.next().map({ JSONBytes.strings(bytes, $0) }), parts.count == kind.parts.count + 1,
      let server = row.next().flatMap({ JSONBytes.string(bytes, $0) }), let cluster = row.next().flatMap({ JSONBytes.string(bytes, $0) }),
      let time = row.next().flatMap({ JSONBytes.integer(bytes, $0) }), times.contains(time),
      let origin = row.next().flatMap({ JSONBytes.string(bytes, $0) }),
      let numbers = row.next()
    else { return nil }
    var values = [Double?](repeating: nil, count: kind.fields.count)
    var elements = JSONElements(bytes, numbers)
    var next = 0
    while next < places.count, let number = elements.next() {
      if let place = places[next] { values[place] = JSONBytes.double(bytes, number).flatMap { $0.isFinite ? $0 : nil } }
      next += 1
    }
    return SeriesPoint(parts: parts, server: server, cluster: cluster, time: Int64(time), origin: origin, values: values)
  }
}
