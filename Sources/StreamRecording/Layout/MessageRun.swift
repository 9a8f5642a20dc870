import Wire

/// Bytes that stand in one message or, where they are more than one may hold, in several: their sequences in order.
struct MessageRun: Sendable, Equatable, Hashable {
  /// The most messages that one frame takes; what needs more is no record.
  static let most = 4096

  var sequences: [Int]
  /// What the bytes are once they are unpacked.
  var size: Int

  init(sequences: [Int], size: Int) {
    self.sequences = sequences
    self.size = size
  }

  /// nil for what is no run.
  init?(_ value: JSONValue?) {
    guard let value, let size = value["size"]?.int, size >= 0, let elements = value["seqs"]?.elements,
      (1...MessageRun.most).contains(elements.count)
    else { return nil }
    let sequences = elements.compactMap { StreamMessage.sequence($0.int) }
    guard sequences.count == elements.count else { return nil }
    self.init(sequences: sequences, size: size)
  }

  /// The first message of it that the stream would lose.
  var oldest: Int { sequences.min() ?? .max }

  func write(to json: inout JSONWriter) {
    json.member("size", size)
    json.key("seqs")
    json.array { json in for sequence in sequences { json.integer(sequence) } }
  }
}
