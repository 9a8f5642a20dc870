import Series
import Wire

/// What is asked of the record's series.
struct HistoryQuestion: Sendable {
  var kind: SeriesKind
  /// The fields, by their places in the kind.
  var places: [Int]
  var since: Timestamp
  var until: Timestamp
  /// Seconds; nil for what suits the span.
  var step: Int?
  /// What parts of a thing's name have to be, in the order of the kind's parts; nil for any.
  var parts: [String?]
  var tellers = SeriesSteps.Tellers()

  /// - Parameter parts: With the place behind them, of which several may be meant.
  func means(_ parts: [String]) -> Bool {
    parts.count == self.parts.count + 1 && zip(self.parts, parts).allSatisfy { $0 == nil || $0 == $1 }
  }

  /// The same in words, for a sentence.
  var described: String {
    let known = zip(kind.parts, parts).compactMap { name, value in value.map { "\(name) \"\($0)\"" } }
    let told = [tellers.server.map { "told by server \"\($0)\"" }, tellers.cluster.map { "told by cluster \"\($0)\"" }].compactMap(\.self)
    return (["no \(kind.rawValue)"] + (known.isEmpty ? [] : ["with " + known.joined(separator: ", ")]) + told).joined(separator: " ")
  }
}
