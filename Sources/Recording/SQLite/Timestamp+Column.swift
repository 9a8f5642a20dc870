import Wire

extension Timestamp {
  /// As the file keeps it: nanoseconds since 1970.
  var column: Int { Int(unixNanoseconds) }

  /// What a damaged file may hold is taken for the nearest time that there is.
  init(column: Int) { self.init(unixNanoseconds: min(max(Int64(column), 0), .max / 2)) }
}
