import Wire

extension FuzzTarget {
  /// A header block: look-ups agree with the fields, taking a name out leaves the others, and what was read can be written and
  /// read again.
  public static let headerBlock = FuzzTarget(name: "header-block") { input in
    input.withUnsafeBytes { bytes -> String? in
      let block = HeaderBlock(bytes)
      let fields = block.fields.map { (name: Array($0.name), value: Array($0.value)) }
      for field in fields {
        if field.name.contains(UInt8(ascii: ":")) || field.name.contains(0x0A) { return "a name with a colon or a line end" }
        if field.value.contains(0x0A) || field.value.first == 0x20 || field.value.first == 0x09 { return "a value that is not bare" }
        guard let name = String(validating: field.name, as: UTF8.self) else { continue }
        let first = fields.first { $0.name == field.name }.map { String(decoding: $0.value, as: UTF8.self) }
        if block.value(exactly: name) != first { return "the exact look-up does not find the first value" }
        if !block.values(name.uppercased()).contains(first ?? "") && name.utf8.allSatisfy({ $0 < 0x80 }) {
          return "letters in another case"
        }
        let without = block.removing(exactly: name)
        let rest = without.withUnsafeBytes { bytes in HeaderBlock(bytes).fields.map { (Array($0.name), Array($0.value)) } }
        let kept = fields.filter { $0.name != field.name }
        if !rest.elementsEqual(kept, by: { $0.0 == $1.name && $0.1 == $1.value }) {
          return "taking a name out changes the other fields"
        }
      }
      let written = Array("NATS/1.0\r\n".utf8) + fields.flatMap { $0.name + Array(": ".utf8) + $0.value + [0x0D, 0x0A] } + [0x0D, 0x0A]
      let again = written.withUnsafeBytes { bytes in HeaderBlock(bytes).fields.map { (name: Array($0.name), value: Array($0.value)) } }
      return again.elementsEqual(fields) { $0.name == $1.name && $0.value == $1.value } ? nil : "writing changes the fields"
    }
  }
}
