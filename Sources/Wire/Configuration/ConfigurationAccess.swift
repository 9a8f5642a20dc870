extension ConfigurationValue {
  /// The text of a string.
  ///
  /// - Throws: What was found instead, with its place; so do all of these.
  public func string(_ name: String) throws(ConfigurationError) -> String {
    guard case .string(let text) = content else { throw mismatch(name, "a string") }
    return text
  }

  /// The value of a boolean.
  public func boolean(_ name: String) throws(ConfigurationError) -> Bool {
    guard case .boolean(let value) = content else { throw mismatch(name, "true or false") }
    return value
  }

  /// The value of an integer in a range.
  public func integer(
    _ name: String, in range: ClosedRange<Int64> = .min ... .max
  ) throws(ConfigurationError) -> Int64 {
    guard case .integer(let value) = content else { throw mismatch(name, "an integer") }
    guard range.contains(value) else {
      throw ConfigurationError("\(name) must be from \(range.lowerBound) to \(range.upperBound), found \(value)", at: position)
    }
    return value
  }

  /// The value of a number with or without a decimal point.
  public func number(_ name: String) throws(ConfigurationError) -> Double {
    switch content {
    case .integer(let value): return Double(value)
    case .float(let value): return value
    default: throw mismatch(name, "a number")
    }
  }

  /// Nanoseconds of a duration text such as `"1m30s"`.
  public func duration(_ name: String) throws(ConfigurationError) -> Int64 {
    guard case .string(let text) = content else { throw mismatch(name, "a duration such as \"30s\"") }
    guard let nanoseconds = DurationText.parse(text) else {
      throw ConfigurationError("error parsing \(name): invalid duration \"\(text)\"", at: position)
    }
    return nanoseconds
  }

  /// Nanoseconds of a duration text, or of an integer or decimal number of seconds.
  public func durationOrSeconds(_ name: String) throws(ConfigurationError) -> Int64 {
    switch content {
    case .integer(let seconds):
      let (product, overflow) = seconds.multipliedReportingOverflow(by: Span.perSecond)
      guard !overflow else { throw ConfigurationError("\(name) is too long: \(seconds) seconds", at: position) }
      return product
    case .float(let seconds):
      guard let product = Int64(exactly: (seconds * Double(Span.perSecond)).rounded()) else {
        throw ConfigurationError("\(name) is too long: \(seconds) seconds", at: position)
      }
      return product
    default: return try duration(name)
    }
  }

  /// The entries of a map.
  public func map(_ name: String) throws(ConfigurationError) -> ConfigurationMap {
    guard case .map(let map) = content else { throw mismatch(name, "a map") }
    return map
  }

  /// The elements of an array.
  public func array(_ name: String) throws(ConfigurationError) -> [ConfigurationValue] {
    guard case .array(let values) = content else { throw mismatch(name, "an array") }
    return values
  }

  /// One string, or the strings of an array.
  public func strings(_ name: String) throws(ConfigurationError) -> [String] {
    guard case .array(let values) = content else {
      guard case .string(let text) = content else { throw mismatch(name, "a string or an array of strings") }
      return [text]
    }
    var texts: [String] = []
    for value in values { texts.append(try value.string(name)) }
    return texts
  }

  /// The error for a value of the wrong kind.
  public func mismatch(_ name: String, _ wanted: String) -> ConfigurationError {
    ConfigurationError("\(name): expected \(wanted), found \(kindName)", at: position)
  }
}
