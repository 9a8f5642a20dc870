import Wire

/// The earlier moment that a request asks about.
public enum EarlierMoment: Hashable, Sendable {
  /// An epoch, by its number.
  case epoch(Int)
  case time(Timestamp)
  case ago(Span)

  /// Reads an epoch's number, a time, or how long ago it was, with or without a minus in front. Nil for anything else.
  public init?(_ text: String) {
    if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(text) {
      self = .epoch(number)
      return
    }
    // A plus of the query that was not encoded has become a blank.
    if let time = Timestamp(rfc3339: text.replacing(" ", with: "+")) {
      self = .time(time)
      return
    }
    let span = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard !span.hasPrefix("-"), let ago = DurationText.parseUptime(String(span)) else { return nil }
    self = .ago(Span(nanoseconds: ago))
  }
}
