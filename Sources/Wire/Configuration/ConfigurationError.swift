/// A place in a configuration file.
public struct ConfigurationPosition: Sendable, Hashable, CustomStringConvertible {
  /// The name of the file as it was given or reached through `include`.
  public let file: String
  /// The line, counted from 1.
  public let line: Int
  /// The column in bytes, counted from 1.
  public let column: Int

  /// A position; lines and columns count from 1.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`, as editors understand it.
  public var description: String { "\(file):\(line):\(column)" }
}

/// What is wrong with a configuration, and where.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Where the fault begins; `nil` when it concerns no single place.
  public let position: ConfigurationPosition?
  /// One sentence without the position.
  public let reason: String

  /// The text is well-formed, and something that it names cannot be had: a file or a variable.
  public let isReference: Bool

  /// An error with one sentence and, where there is one, its place.
  public init(_ reason: String, at position: ConfigurationPosition? = nil, isReference: Bool = false) {
    self.position = position
    self.reason = reason
    self.isReference = isReference
  }

  /// `file:line:column: reason`, or the reason alone.
  public var description: String {
    guard let position else { return reason }
    return "\(position): \(reason)"
  }
}
