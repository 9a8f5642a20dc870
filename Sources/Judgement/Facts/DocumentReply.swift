import SystemAPI
import Wire

/// One server's document of one endpoint.
public struct DocumentReply: Sendable {
  public var server: ServerDescription
  /// The document: `data`, or `statsz`. It has passed a strict pass.
  public var document: JSONView

  public init(server: ServerDescription, document: JSONView) {
    self.server = server
    self.document = document
  }

  /// The time of the server's own clock when it answered; nil where it does not say.
  var time: Timestamp? { document["now"]?.time }
}

extension JSONView {
  /// A time; nil for Go's zero time too.
  var time: Timestamp? { string.flatMap { $0.hasPrefix("0001-") ? nil : Timestamp(rfc3339: $0) } }

  /// A duration as servers print it (`1d2h3m4s`, `412µs`).
  var duration: Span? {
    guard let string else { return nil }
    return (DurationText.parse(string) ?? DurationText.parseUptime(string)).map { Span(nanoseconds: $0) }
  }

  /// A limit: above zero; nil for none.
  var limit: Int? { amount.flatMap { $0 > 0 ? $0 : nil } }
}
