import Wire

extension JSONWriter {
  /// A member that is an object; the closure may trail.
  mutating func objectMember(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
    key(name)
    object(body)
  }

  /// A member that is an array; the closure may trail.
  mutating func arrayMember(_ name: StaticString, _ body: (inout JSONWriter) -> Void) {
    key(name)
    array(body)
  }
}
