/// Figures as people read them, in every sentence alike and as the browser view writes them.
public enum PlainText {
  /// A whole number with its thousands apart: `3,865`.
  public static func count(_ number: some BinaryInteger) -> String {
    let digits = String(number.magnitude)
    var text = number < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  private static let units: [(name: String, seconds: Int64)] = [("y", 31_536_000), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

  /// A length of time in its two largest units: `412 µs`, `8 ms`, `41 s`, `1m40s`, `3d4h`. A year has 365 days.
  public static func span(_ span: Span) -> String {
    if span < .zero { return "-\(self.span(.zero - span))" }
    let nanoseconds = span.nanoseconds
    if nanoseconds == 0 { return "0 s" }
    if nanoseconds < 1_000_000 { return "\((nanoseconds + 500) / 1000) µs" }
    if nanoseconds < Span.perSecond { return "\((nanoseconds + 500_000) / 1_000_000) ms" }
    var left = nanoseconds / Span.perSecond
    if left < 60 { return "\(left) s" }
    var words: [String] = []
    for unit in units where words.count < 2 {
      let amount = left / unit.seconds
      left %= unit.seconds
      // 1d0h5m is 1d: what stands next to each other is next to each other.
      if amount == 0, !words.isEmpty { break }
      if amount > 0 { words.append("\(amount)\(unit.name)") }
    }
    return words.joined()
  }

  /// A rate in units a second: `12/s`, `0.4/s`, `1.2 k/s`; `?/s` for what cannot be one.
  public static func perSecond(_ rate: Double) -> String {
    // Beyond it is what grew between two readings at one moment. What is no number is not below it either.
    guard abs(rate) < 1e24 else { return "?/s" }
    var (rest, place) = (abs(rate), 0)
    let units = ["", " k", " M", " G"]
    while rest >= 1000, place < units.count - 1 { (rest, place) = (rest / 1000, place + 1) }
    let digits = place == 0 ? (rest == rest.rounded() || rest >= 100 ? 0 : 1) : rest >= 100 ? 0 : rest >= 10 ? 1 : 2
    return "\(rate < 0 ? "-" : "")\(fixed(rest, digits))\(units[place])/s"
  }

  private static func fixed(_ number: Double, _ digits: Int) -> String {
    let scale = [1, 10, 100][digits]
    let whole = Int((number * Double(scale)).rounded())
    guard digits > 0 else { return String(whole) }
    let fraction = String(whole % scale)
    return "\(whole / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}
