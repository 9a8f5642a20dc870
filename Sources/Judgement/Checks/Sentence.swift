import Wire

/// A sentence of a finding: whole numbers and lengths of time in it are written as people read them, and as the browser view writes them.
///
/// It tells no age: a finding says since when it is so, and whoever shows it counts from there.
public struct Sentence: ExpressibleByStringInterpolation, Sendable {
  public let text: String

  public init(stringLiteral text: String) { self.text = text }
  public init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity + interpolationCount * 12) }

    public mutating func appendLiteral(_ literal: String) { text += literal }
    public mutating func appendInterpolation(_ number: some BinaryInteger) { text += PlainText.count(number) }
    public mutating func appendInterpolation(_ span: Span) { text += PlainText.span(span) }
    public mutating func appendInterpolation(_ words: String) { text += words }
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) { text += value.description }
  }
}
