import Reactor

/// Which user a client certificate stands for (`verify_and_map`).
package enum CertificateMapping {
  /// E-mail addresses, DNS names and URIs of the certificate by their text; then its subject as a distinguished name, in the same
  /// order, in any order, and without the parts that are less common: all as nats-server does it, which compares no subject as a whole
  /// that has attributes it does not know.
  package static func user(for certificate: PeerCertificate, among names: some Collection<String>) -> String? {
    let known = Set(names)
    for name in certificate.mailAddresses + certificate.dnsNames + certificate.uris where known.contains(name) { return name }
    return user(withSubject: certificate.subject, among: known)
  }

  static func user(withSubject text: String, among known: Set<String>) -> String? {
    guard let subject = DistinguishedName(text, isOfCertificate: true), !subject.isEmpty else { return nil }
    // Sorted, so that the choice among several that fit does not depend on chance.
    let parsed = known.sorted().compactMap { name in DistinguishedName(name).map { (name: name, value: $0) } }
    if subject.isKnownThroughout {
      if let same = parsed.first(where: { $0.value == subject }) { return same.name }
      if let reordered = parsed.first(where: { $0.value.hasSameParts(as: subject) }) { return reordered.name }
    }
    let common = subject.commonParts
    return common.isEmpty ? nil : parsed.first { $0.value == common }?.name
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
  ///
  /// - Parameter isOfCertificate: Rarer attributes stand there as bytes (`#0c03…`), which nobody is to write as a user's name.
  package init?(_ text: String, isOfCertificate: Bool = false) {
    var parts: [[Attribute]] = []
    var current: [Attribute] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      guard let (attribute, end) = Self.attribute(&rest, readsBytes: isOfCertificate) else { return nil }
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

  /// Every attribute is one that nats-server knows (its internal/ldap).
  var isKnownThroughout: Bool { parts.joined().allSatisfy { Self.order.contains($0.type) || $0.type == "dc" } }

  /// What is left of a subject when domain components and rarer attributes are taken out, in the order in which nats-server
  /// (by way of Go's `pkix.Name`) shows it. Of several names or serial numbers the certificate's last one counts, which is the first one here.
  var commonParts: DistinguishedName {
    let all = parts.joined()
    let found = Self.order.map { type in
      let same = all.filter { $0.type == type }
      return Self.single.contains(type) ? Array(same.prefix(1)) : same.sorted()
    }
    return DistinguishedName(parts: found.filter { !$0.isEmpty })
  }

  private static let order = ["serialnumber", "cn", "ou", "o", "postalcode", "street", "l", "st", "c"]
  private static let single = ["serialnumber", "cn"]

  /// The same parts in any order, each as often: `OU=ops,OU=dev,OU=dev` is not `OU=ops,OU=ops,OU=dev`.
  func hasSameParts(as other: DistinguishedName) -> Bool {
    func sorted(_ parts: [[Attribute]]) -> [[Attribute]] { parts.sorted { $0.lexicographicallyPrecedes($1) } }
    return sorted(parts) == sorted(other.parts)
  }

  /// `type=value` and the separator behind it; nil where there is none.
  private static func attribute(_ rest: inout ArraySlice<UInt8>, readsBytes: Bool) -> (Attribute, end: UInt8?)? {
    guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    let type = String(decoding: rest[..<equals], as: UTF8.self).lowercased().split(separator: " ").joined(separator: " ")
    guard !type.isEmpty, type.utf8.allSatisfy({ isTypeCharacter($0) }) else { return nil }
    rest = rest[(equals + 1)...]
    if !readsBytes && rest.first == UInt8(ascii: "#") { return nil }
    while rest.first == 0x20 { rest = rest.dropFirst() }
    var value: [UInt8] = []
    // Blanks at the end do not count, unless they are escaped.
    var significant = 0
    var end: UInt8?
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\") {
        guard let escaped = unescape(&rest) else { return nil }
        value.append(escaped)
        significant = value.count
      } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "+") {
        end = byte
        break
      } else {
        value.append(byte)
        if byte != 0x20 { significant = value.count }
      }
    }
    return (Attribute(type: type, value: Array(value[..<significant])), end)
  }

  /// What follows a backslash: a character that has to be escaped, or two hexadecimal digits.
  private static func unescape(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
    guard let first = rest.popFirst() else { return nil }
    if " \"#+,;<=>\\".utf8.contains(first) { return first }
    guard let high = digit(first), let low = rest.popFirst().flatMap(digit) else { return nil }
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
}
