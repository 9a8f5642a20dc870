import Wire

/// Which recorded moment an answer is about.
struct RecordedMark: Sendable, Hashable {
  let epoch: Int
  let at: Timestamp
}
