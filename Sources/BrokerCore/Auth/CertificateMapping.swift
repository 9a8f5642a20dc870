import Reactor

/// Which user a client certificate stands for (`verify_and_map`).
package enum CertificateMapping {
  /// E-mail addresses, DNS names and URIs of the certificate by their text; then its subject as a distinguished name, in the same
  /// order, in any order, and without the parts that are less common.
  package static func user(for certificate: PeerCertificate, among names: some Collection<String>) -> String? {
    let known = Set(names)
    for name in certificate.mailAddresses + certificate.dnsNames + certificate.uris where known.contains(name) { return name }
    return user(withSubject: certificate.subject, among: known)
  }

  static func user(withSubject text: String, among known: Set<String>) -> String? {
    if let subject = DistinguishedName(text), !subject.isEmpty {
      // Sorted, so that the choice among several that fit does not depend on chance.
      let parsed = known.sorted().compactMap { name in DistinguishedName(name).map { (name: name, value: $0) } }
      if let same = parsed.first(where: { $0.value == subject }) { return same.name }
      if let reordered = parsed.first(where: { $0.value.hasSameParts(as: subject) }) { return reordered.name }
      let common = subject.commonParts
      if !common.isEmpty, let shorter = parsed.first(where: { $0.value == common }) { return shorter.name }
    }
    return known.contains(text) ? text : nil
  }
}

/// A subject such as `CN=app,OU=ops+L=here,O=Acme` (RFC 2253), taken apart. Attribute types are compared without regard to case.
package struct DistinguishedName: Equatable {
  package struct Attribute: Equatable, Comparable {
    package let type: String
    package let value: [UInt8]

    package static func < (left: Attribute, right: Attribute) -> Bool {
      left.type != right.type ? left.type < right.type : left.value.lexicographicallyPrecedes(right.value)
    }
  }

  /// In the order of the text; each the attributes that belong together, sorted. One that is repeated stands there as often.
  private let parts: [[Attribute]]

  package var isEmpty: Bool { parts.isEmpty }

  /// Nil when the text is no distinguished name.
  package init?(_ text: String) {
    var parts: [[Attribute]] = []
    var current: [Attribute] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      guard let (attribute, end) = Self.attribute(&rest) else { return nil }
      current.append(attribute)
      if end == UInt8(ascii: "+") { continue }
      parts.append(current.sorted())
      current = []
      if end != nil && rest.isEmpty { return nil }
    }
    guard current.isEmpty else { return nil }
    self.parts = parts
  }

  private init(parts: [[Attribute]]) { self.parts = parts }

  /// What is left of a subject when domain components and rarer attributes are taken out, in the order in which nats-server
  /// (by way of Go's `pkix.Name`) shows it.
  var commonParts: DistinguishedName {
    let all = parts.flatMap { $0 }
    let order = ["serialnumber", "cn", "ou", "o", "postalcode", "street", "l", "st", "c"]
    return DistinguishedName(parts: order.map { type in all.filter { $0.type == type }.sorted() }.filter { !$0.isEmpty })
  }

  /// The same parts in any order, each as often: `OU=ops,OU=dev,OU=dev` is not `OU=ops,OU=ops,OU=dev`.
  func hasSameParts(as other: DistinguishedName) -> Bool {
    func sorted(_ parts: [[Attribute]]) -> [[Attribute]] { parts.sorted { $0.lexicographicallyPrecedes($1) } }
    return sorted(parts) == sorted(other.parts)
  }

  /// `type=value` and the separator behind it; nil where there is none.
  private static func attribute(_ rest: inout ArraySlice<UInt8>) -> (Attribute, end: UInt8?)? {
    guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    let type = canonical(String(decoding: rest[..<equals], as: UTF8.self))
    guard !type.isEmpty, type.utf8.allSatisfy({ isTypeCharacter($0) }) else { return nil }
    rest = rest[(equals + 1)...]
    while rest.first == 0x20 { rest = rest.dropFirst() }
    var value: [UInt8] = []
    // Blanks at the end do not count, unless they are escaped.
    var significant = 0
    var end: UInt8?
    var isQuoted = false
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\") {
        guard let escaped = unescape(&rest) else { return nil }
        value.append(escaped)
        significant = value.count
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
        significant = value.count
      } else if !isQuoted && [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "+")].contains(byte) {
        end = byte
        break
      } else {
        value.append(byte)
        if byte != 0x20 || isQuoted { significant = value.count }
      }
    }
    return isQuoted ? nil : (Attribute(type: type, value: Array(value[..<significant])), end)
  }

  /// What follows a backslash: two hexadecimal digits, or the character itself.
  private static func unescape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
    guard let first = rest.popFirst() else { return nil }
    guard let high = digit(first), let next = rest.first, let low = digit(next) else { return first }
    rest = rest.dropFirst()
    return high << 4 | low
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  private static func isTypeCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."): true
    default: false
    }
  }

  private static func canonical(_ type: String) -> String {
    let lower = type.lowercased().split(separator: " ").joined(separator: " ")
    return aliases[lower] ?? lower
  }

  private static let aliases = [
    "2.5.4.3": "cn", "2.5.4.5": "serialnumber", "2.5.4.6": "c", "2.5.4.7": "l", "2.5.4.8": "st", "2.5.4.9": "street",
    "2.5.4.10": "o", "2.5.4.11": "ou", "2.5.4.17": "postalcode", "0.9.2342.19200300.100.1.25": "dc",
    "0.9.2342.19200300.100.1.1": "uid", "1.2.840.113549.1.9.1": "emailaddress", "e": "emailaddress", "email": "emailaddress",
  ]
}
