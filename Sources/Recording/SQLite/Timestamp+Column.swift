import Wire

extension Timestamp {
  /// As the file keeps it: nanoseconds since 1970.
  var column: Int { Int(unixNanoseconds) }

  init(column: Int) { self.init(unixNanoseconds: Int64(column)) }
}
