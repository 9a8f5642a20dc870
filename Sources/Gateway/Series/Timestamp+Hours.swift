import Wire

extension Timestamp {
  /// Milliseconds since 1970.
  var milliseconds: Int64 { unixNanoseconds / 1_000_000 }

  init(milliseconds: Int64) { self.init(unixNanoseconds: Span.milliseconds(milliseconds).nanoseconds) }

  /// Whole hours since 1970.
  var hour: Int { Int(seconds / 3600) }

  /// When an hour begins.
  init(hour: Int) { self.init(seconds: Int64(hour) * 3600) }
}
