/// Choices by quality values (RFC 9110 section 12.4.2).
public enum HTTPNegotiation {
  /// One element of an Accept or Accept-Encoding field.
  public struct Preference: Sendable, Equatable {
    /// Lower-cased, without parameters.
    public let value: String
    /// Parameters other than `q`, lower-cased, as `name=value`.
    public let parameters: [String]
    /// 0 … 1.
    public let quality: Double
  }

  /// The elements of a field in the order sent; an element whose quality cannot be read is left out.
  public static func preferences(_ field: String) -> [Preference] {
    field.split(separator: ",").compactMap { element in
      let parts = element.split(separator: ";").map { trimmed($0).lowercased() }
      guard let value = parts.first, !value.isEmpty else { return nil }
      var quality = 1.0
      var parameters: [String] = []
      for part in parts.dropFirst() {
        guard part.hasPrefix("q=") else {
          parameters.append(part)
          continue
        }
        guard let number = Double(part.dropFirst(2)), (0...1).contains(number) else { return nil }
        quality = number
      }
      return Preference(value: value, parameters: parameters, quality: quality)
    }
  }

  static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text
  }

  /// Whether an Accept-Encoding field lets the response be compressed with gzip (RFC 9110 section 12.5.3).
  public static func acceptsGzip(_ field: String?) -> Bool {
    guard let field else { return false }
    if field == "gzip" { return true }
    let all = preferences(field)
    if let named = all.first(where: { $0.value == "gzip" || $0.value == "x-gzip" }) { return named.quality > 0 }
    return all.first { $0.value == "*" }.map { $0.quality > 0 } ?? false
  }

  /// The quality that an Accept field gives to a media type: of the most specific range that matches; 0 where none does.
  /// A missing field accepts everything.
  public static func quality(of type: String, in field: String?) -> Double {
    guard let field else { return 1 }
    let family = type.split(separator: "/").first.map { "\($0)/*" } ?? "*/*"
    let all = preferences(field)
    for range in [type, family, "*/*"] {
      if let match = all.first(where: { $0.value == range }) { return match.quality }
    }
    return 0
  }

  /// Whether an Accept field prefers HTML to JSON and to anything else, as browsers send it: by quality, and by order
  /// where qualities are equal.
  public static func prefersHTML(_ field: String?) -> Bool {
    guard let field else { return false }
    let all = preferences(field)
    guard let html = all.firstIndex(where: { $0.value == "text/html" }), all[html].quality > 0 else { return false }
    for (index, other) in all.enumerated() where other.value == "application/json" || other.value == "application/*" || other.value == "*/*"
    {
      if other.quality > all[html].quality { return false }
      if other.quality == all[html].quality, index < html { return false }
    }
    return true
  }
}
