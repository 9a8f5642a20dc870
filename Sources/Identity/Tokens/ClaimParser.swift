import Wire

/// Why a text is no claims.
public struct ClaimSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}

extension ClaimValue {
  /// Levels that objects and lists may nest.
  private static let deepest = 64

  /// Reads one JSON value; nothing but white space may follow.
  ///
  /// - Throws: What is wrong, in the words of nsc's decoder, also where it is nested deeper than 64 levels.
  public init(json bytes: [UInt8]) throws(ClaimSyntaxError) {
    do throws(JSONError) {
      self = try ClaimValue(JSONView(validating: bytes, maximumDepth: ClaimValue.deepest))
    } catch {
      throw ClaimSyntaxError(description: GoJSONSyntax.fault(in: bytes) ?? error.description)
    }
  }

  /// The value below a view of a validated document.
  private init(_ view: JSONView) throws(JSONError) {
    switch view.kind {
    case .object:
      var members: [ClaimMember] = []
      for (name, value) in view.memberRanges {
        members.append(ClaimMember(JSONText.decode(view.bytes, name), try ClaimValue(JSONView(bytes: view.bytes, range: value))))
      }
      self = .object(members)
    case .array:
      var values: [ClaimValue] = []
      for element in view.elements { values.append(try ClaimValue(element)) }
      self = .array(values)
    case .string: self = .string(view.string ?? "")
    case .bool: self = .bool(view.bool ?? false)
    case .null, nil: self = .null
    case .number:
      let text = view.rawText
      // The reference decoder refuses what no double holds.
      guard view.double != nil else { throw JSONError("\(text) is beyond the range of numbers", at: view.range.lowerBound) }
      self = Int64(text).map { .integer($0) } ?? .number(text)
    }
  }
}
