import Recording
import StreamRecording

/// What an input of the target `record-message` is, by its first byte. Its inputs are kept under these names.
public enum RecordMessageKind: UInt8, CaseIterable, Sendable {
  case head, contents, pack, series, bundle
  /// Two documents, one after the other.
  case documents = 6
  case frame

  public init(_ first: UInt8) { self = RecordMessageKind(rawValue: first & 7) ?? .bundle }
}

extension FuzzTarget {
  /// A message of a record's stream: whatever can be read is written alike and read again.
  public static let recordMessage = FuzzTarget(name: "record-message") { input in
    guard let first = input.first else { return nil }
    let bytes = Array(input.dropFirst())
    switch RecordMessageKind(first) {
    case .head: return again(EpochHead(bytes), \.bytes) { EpochHead($0) }
    case .contents: return again(EpochContents(bytes), \.bytes) { EpochContents($0) }
    case .pack: return again(DocumentPack(bytes, server: "S"), \.bytes) { DocumentPack($0, server: "S") }
    case .series: return again(SeriesMessage(bytes), \.bytes) { SeriesMessage($0) }
    case .bundle: return again(SeriesBundle(bytes), \.bytes) { SeriesBundle($0) }
    case .documents: return packed(bytes)
    case .frame: return unpacked(bytes)
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
