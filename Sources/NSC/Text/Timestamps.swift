import Wire

enum Timestamps {
  /// Unix seconds of an RFC 3339 text.
  static func rfc3339(_ text: String) -> Int64? { Timestamp(rfc3339: text)?.seconds }
}

enum DurationWords {
  /// `1m0s`, as Go prints durations.
  static func go(_ nanoseconds: Int64) -> String { DurationText.go(nanoseconds) }
}
