import StreamRecording

extension FuzzTarget {
  /// A message of a record's stream, by its first byte: whatever can be read is written alike and read again.
  public static let recordMessage = FuzzTarget(name: "record-message") { input in
    guard let first = input.first else { return nil }
    let bytes = Array(input.dropFirst())
    switch first & 7 {
    case 0: return again(EpochHead(bytes), \.bytes) { EpochHead($0) }
    case 1: return again(EpochContents(bytes), \.bytes) { EpochContents($0) }
    case 2: return again(DocumentPack(bytes, server: "S"), \.bytes) { DocumentPack($0, server: "S") }
    case 3: return again(SeriesMessage(bytes), \.bytes) { SeriesMessage($0) }
    default: return again(SeriesBundle(bytes), \.bytes) { SeriesBundle($0) }
    }
  }

  private static func again<Value: Equatable>(_ value: Value?, _ bytes: (Value) -> [UInt8], _ read: ([UInt8]) -> Value?) -> String? {
    guard let value else { return nil }
    return read(bytes(value)) == value ? nil : "what was read is not what is written and read again"
  }
}
