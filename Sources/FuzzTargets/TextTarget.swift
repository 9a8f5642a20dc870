import SystemAPI
import Wire

extension FuzzTarget {
  /// The readers of short texts: what they take can be written and read again.
  public static let text = FuzzTarget(name: "text") { input in
    let text = String(decoding: input, as: UTF8.self)
    return base64(text) ?? hexadecimal(text) ?? numbers(text) ?? time(text) ?? address(text) ?? subject(text) ?? words(text)
      ?? refusal(text)
  }

  private static func base64(_ text: String) -> String? {
    for alphabet in [Base64.Alphabet.standard, .url] {
      for leniency in [[], .padding, .lineEnds, [.padding, .lineEnds]] as [Base64.Leniency] {
        guard let bytes = Base64.decode(text, alphabet, leniency) else { continue }
        if Base64.decode(Base64.encode(bytes, alphabet), alphabet) != bytes { return "base 64 does not read what it writes" }
        if Base64.decode(text, alphabet, [.padding, .lineEnds]) != bytes { return "leniency changes the bytes" }
      }
    }
    return nil
  }

  private static func hexadecimal(_ text: String) -> String? {
    guard let bytes = Hexadecimal.decode(text) else { return nil }
    return Hexadecimal.encode(bytes) == text.lowercased() ? nil : "hexadecimal digits do not read what they write"
  }

  private static func numbers(_ text: String) -> String? {
    _ = (DurationText.parse(text), DurationText.parseUptime(text))
    guard let version = ServerVersion(text) else { return nil }
    return ServerVersion(version.description) == version ? nil : "a version does not read what it writes"
  }

  private static func time(_ text: String) -> String? {
    if EarlierMoment(text) != EarlierMoment(text) { return "an earlier moment is read in two ways" }
    guard let time = Timestamp(rfc3339: text) else { return nil }
    guard (0..<1_000_000_000).contains(time.nanoseconds) else { return "\(time.nanoseconds) nanoseconds" }
    return Timestamp(rfc3339: time.rfc3339) == time ? nil : "a time does not read what it writes"
  }

  private static func address(_ text: String) -> String? {
    guard let address = try? HostPort(text, ports: -1...65_535) else { return nil }
    guard (-1...65_535).contains(address.port) else { return "port \(address.port)" }
    let again = try? HostPort("[\(address.host)]:\(address.port)", ports: -1...65_535)
    return again == address ? nil : "an address does not read what it writes"
  }

  private static func subject(_ text: String) -> String? {
    if let token = try? SubjectToken(text), token.text.isEmpty || token.text.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: ".") })
    {
      return "a token that is none"
    }
    let halves = text.utf8.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false).map { Array($0) }
    let (one, other) = (halves[0], halves.count > 1 ? halves[1] : halves[0])
    let count = one.withUnsafeBytes { bytes in
      var reader = TokenReader(bytes)
      var count = 0
      while reader.next() != nil { count += 1 }
      return count
    }
    guard Subject.isValid(one), Subject.isValid(other) else { return nil }
    if count != Subject.tokens(one).count || count != one.withUnsafeBytes({ Subject.tokenCount($0) }) { return "\(count) tokens" }
    let overlap = Subject.overlaps(one, other)
    if overlap != Subject.overlaps(other, one) || overlap != (Subject.intersection(one, other) != nil) { return "overlaps differ" }
    if Subject.isSubset(one, of: other), !overlap { return "a subset that does not overlap" }
    if Subject.isLiteral(one), Subject.matches(one, pattern: other) != overlap { return "a match that is no overlap" }
    return nil
  }

  /// What only has to come to an end without harm.
  private static func words(_ text: String) -> String? {
    _ = (
      HTTPNegotiation.acceptsGzip(text), HTTPNegotiation.prefersHTML(text), EndpointTable.endpoint(text),
      NearestWord.find(text, in: ["listen", "accounts", "users"])
    )
    for parameter in EndpointTable.endpoint("connz")?.parameters ?? [] {
      guard let option = try? parameter.option(text) else { continue }
      if (try? JSONScanner.validate(Array("{\(option)}".utf8))) == nil { return "the option \(option) is no JSON" }
    }
    return nil
  }

  private static func refusal(_ text: String) -> String? {
    if let refusal = ServerRefusal(text), "\(refusal)".isEmpty { return "a refusal without words" }
    return "\(ConnectionLoss(endedBy: text))".isEmpty ? "a loss without words" : nil
  }
}
