import Recording
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
    case 4: return packed(bytes)
    case 5: return unpacked(bytes)
    default: return again(SeriesBundle(bytes), \.bytes) { SeriesBundle($0) }
    }
  }

  private static func again<Value: Equatable>(_ value: Value?, _ bytes: (Value) -> [UInt8], _ read: ([UInt8]) -> Value?) -> String? {
    guard let value else { return nil }
    return read(bytes(value)) == value ? nil : "what was read is not what is written and read again"
  }

  /// A document after another one, both of the input.
  private static func packed(_ bytes: [UInt8]) -> String? {
    guard let frames = DocumentFrames() else { return nil }
    let document = Array(bytes[(bytes.count / 2)...])
    let before = Array(bytes[..<(bytes.count / 2)])
    for prefix in [nil, before] {
      guard let frame = frames.pack(document, prefix: prefix) else { return "a document cannot be packed" }
      if frames.unpack(frame, prefix: prefix, size: document.count) != document { return "what is unpacked is not what was packed" }
    }
    return nil
  }

  /// A frame of any bytes, of a document of up to a page.
  private static func unpacked(_ bytes: [UInt8]) -> String? {
    guard let frames = DocumentFrames(), let size = bytes.first.map({ Int($0) * 16 }) else { return nil }
    let frame = Array(bytes.dropFirst())
    for prefix in [nil, Array(#"{"rows":[{"cid":1,"n":17},{"cid":2,"n":18}]}"#.utf8)] {
      if let document = frames.unpack(frame, prefix: prefix, size: size), document.count != size { return "it has another size" }
    }
    return nil
  }
}
