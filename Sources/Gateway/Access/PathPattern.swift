import SystemAPI
import Wire

/// A path pattern of a role: literal segments, `*` for any one segment, and `**` at the end for any number of them,
/// none included.
public struct PathPattern: Sendable, Hashable, CustomStringConvertible {
  enum Part: Sendable, Hashable { case literal(String), any, rest }

  let parts: [Part]
  public let description: String

  /// - Throws: one sentence where the text is no pattern.
  public init(_ text: String) throws(AccessError) {
    description = text
    guard text.hasPrefix("/") else { throw AccessError("the path pattern \"\(text)\" has to begin with a slash") }
    let segments: [String]
    do {
      segments = try HTTPTarget.segments(of: Array(text.utf8)[...])
    } catch {
      throw AccessError("the path pattern \"\(text)\" cannot be read: \(error.description)")
    }
    var parts: [Part] = []
    for (index, segment) in EndpointTable.canonical(segments).enumerated() {
      switch segment {
      case "*": parts.append(.any)
      case "**":
        guard index == segments.count - 1 else { throw AccessError("the path pattern \"\(text)\" may hold ** at its end only") }
        parts.append(.rest)
      case "": throw AccessError("the path pattern \"\(text)\" has an empty segment")
      default: parts.append(.literal(segment))
      }
    }
    self.parts = parts
  }

  /// Whether a path, decoded and made canonical, is one of those meant.
  public func matches(_ path: [String]) -> Bool {
    for (index, part) in parts.enumerated() {
      switch part {
      case .rest: return true
      case .any: guard index < path.count, !path[index].isEmpty else { return false }
      case .literal(let text): guard index < path.count, path[index] == text else { return false }
      }
    }
    return path.count == parts.count
  }
}

/// What is wrong with an access file, a listener or their combination, as one sentence for the operator.
public struct AccessError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
