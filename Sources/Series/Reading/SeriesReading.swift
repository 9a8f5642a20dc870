import Recorded
import SystemAPI
import Wire

/// Reads the points of an epoch from the documents that servers gave. Pure.
public struct SeriesReading: Sendable {
  /// Things of a kind that are kept of an epoch, the largest of them.
  public static let mostEntities = 2_000

  private let sources: [SeriesSource]
  private let names: [String: String]
  private let every: Int
  private let span: ClosedRange<Int64>

  /// - Parameters:
  ///   - every: How far apart epochs are, in seconds.
  ///   - began: When the epoch's first question left, milliseconds since 1970, and when it was whole.
  public init(_ sources: [SeriesSource], every: Int, began: Int64, at: Int64) {
    self.sources = sources.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    names = Dictionary(sources.map { ($0.id, $0.name) }) { first, _ in first }
    self.every = every
    span = began...max(began, at)
  }

  /// The points of a kind.
  ///
  /// - Parameter most: So many are kept, the largest of them.
  public func sheet(_ kind: SeriesKind, most: Int = mostEntities) -> SeriesSheet {
    var found: [String: SeriesPoint] = [:]
    for source in sources {
      guard let bytes = source.documents[kind.document] else { continue }
      bytes.withUnsafeBufferPointer { bytes in
        let time = time(of: bytes)
        for row in SeriesRows(kind, source, names).rows(bytes) {
          let point = point(kind, row, source, time, bytes)
          let entity = point.entity
          if let other = found[entity], SeriesReading.isBetter(other, than: point) { continue }
          found[entity] = point
        }
      }
    }
    // By their names, which are made once.
    var points = Array(found)
    let leftOut = max(0, points.count - most)
    if leftOut > 0, let weight = kind.place(of: kind.weight) {
      points.sort { ($0.value.values[weight] ?? -1, $1.key) > ($1.value.values[weight] ?? -1, $0.key) }
      points.removeLast(leftOut)
    }
    points.sort { $0.key < $1.key }
    return SeriesSheet(kind: kind, every: every, leftOut: leftOut, points: points.map(\.value))
  }

  /// When the document was read: a server's clock tells times within the epoch; one that is wrong by more does not move its points out of it.
  private func time(of bytes: UnsafeBufferPointer<UInt8>) -> Int64 {
    guard let now = JSONBytes.member("now", bytes, 0..<bytes.count).flatMap({ JSONBytes.string(bytes, $0) }),
      let time = Timestamp(rfc3339: now)
    else { return span.upperBound }
    return min(max(time.unixNanoseconds / 1_000_000, span.lowerBound), span.upperBound)
  }

  /// Whoever leads tells; of two that say so the one who said it later: the leadership changed between the two answers.
  private static func isBetter(_ one: SeriesPoint, than other: SeriesPoint) -> Bool {
    if one.server.isEmpty != other.server.isEmpty { return other.server.isEmpty }
    return other.time <= one.time
  }

  private func point(
    _ kind: SeriesKind, _ row: SeriesRows.Row, _ source: SeriesSource, _ time: Int64, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> SeriesPoint {
    SeriesPoint(
      parts: row.parts, server: row.counts ? source.name : "", cluster: row.counts ? source.cluster : "", time: time, origin: row.origin,
      values: row.counts ? SeriesValues.read(kind.fields, row, bytes) : Array(repeating: nil, count: kind.fields.count))
  }
}
