/// Documents as frames, each but the first of a row with the one before as its prefix: what did not change costs next to nothing, and of a number
/// what it has grown by.
///
/// A frame is a byte that says what follows, a checksum of the document, and two zstd frames: the text without its numbers, after the text of the
/// prefix, and the numbers. What is as it was in the prefix does not follow. What cannot be taken apart is one zstd frame, as all was in earlier
/// versions.
///
/// Confined to its owner: the contexts are used again for each frame.
public final class DocumentFrames {
  /// The largest document that is packed or unpacked, in bytes.
  public static let largest = 64 << 20
  /// How hard it is tried: the numbers of an epoch are few and like one another, its text is that of the one before.
  private static let textLevel: Int32 = 6
  private static let numberLevel: Int32 = 6

  /// What a frame begins with. What zstd's own begin with is none of these.
  private enum Content {
    static let base: UInt8 = 0x40
    static let hasText: UInt8 = 1
    static let hasNumbers: UInt8 = 2
    /// They are few, and stand as they are.
    static let hasFewNumbers: UInt8 = 4
    /// The first byte of a zstd frame.
    static let plain: UInt8 = 0x28
  }

  private let zstd: Zstd

  /// nil where there is no memory for it.
  package init?() {
    guard let zstd = Zstd() else { return nil }
    self.zstd = zstd
  }

  /// - Returns: nil for a document that is too large, or where there is no memory.
  package func pack(_ document: [UInt8], prefix: [UInt8]?) -> [UInt8]? {
    guard document.count <= DocumentFrames.largest else { return nil }
    let before = prefix.map { SplitDocument($0) }
    return pack(SplitDocument(document, after: before), of: document, after: before)
  }

  /// - Parameters:
  ///   - parts: The document's.
  ///   - before: What it rests on, taken apart.
  /// - Returns: As above.
  package func pack(_ parts: SplitDocument, of document: [UInt8], after before: SplitDocument?) -> [UInt8]? {
    guard document.count <= DocumentFrames.largest else { return nil }
    guard parts.isSplit else { return pack(plain: document, prefix: before?.whole) }
    var content = Content.base
    var body = VariableBytes()
    if parts.text != before?.text {
      guard let text = zstd.pack(parts.text, prefix: before?.text, level: DocumentFrames.textLevel) else { return nil }
      content |= Content.hasText
      body.append(parts.text.count)
      body.append(text.count)
      body.append(text)
    }
    let numbers = NumberFrames.pack(parts, after: before)
    if numbers.contains(where: { $0 != 0 }) {
      guard let frame = zstd.pack(numbers, prefix: nil, level: DocumentFrames.numberLevel) else { return nil }
      if frame.count < numbers.count {
        content |= Content.hasNumbers
        body.append(numbers.count)
        body.append(frame)
      } else {
        content |= Content.hasFewNumbers
        body.append(numbers)
      }
    }
    let sum = DocumentFrames.checksum(document)
    return [content] + (0..<4).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) } + body.bytes
  }

  /// What is no text, as one zstd frame.
  package func pack(plain bytes: [UInt8], prefix: [UInt8]? = nil) -> [UInt8]? {
    guard bytes.count <= DocumentFrames.largest else { return nil }
    return zstd.pack(bytes, prefix: prefix, level: DocumentFrames.textLevel, checksum: true)
  }

  /// - Parameter size: What the document takes, as it was noted when it was packed.
  /// - Returns: nil for what is no frame, or not of this document.
  package func unpack(_ frame: [UInt8], prefix: [UInt8]?, size: Int) -> [UInt8]? {
    unpackParts(frame, after: prefix.map { SplitDocument(whole: $0) }, size: size)?.document
  }

  /// What was packed as it is.
  package func unpack(plain frame: [UInt8], size: Int) -> [UInt8]? {
    guard (0...DocumentFrames.largest).contains(size) else { return nil }
    return zstd.unpack(frame, prefix: nil, size: size)
  }

  /// The same as a document, with its parts: what rests on it is unpacked after them.
  ///
  /// - Parameter before: The parts of what it rests on.
  package func unpackParts(_ frame: [UInt8], after before: SplitDocument?, size: Int) -> (document: [UInt8], parts: SplitDocument)? {
    guard let (parts, sum) = unpackUnproved(frame, after: before, size: size) else { return nil }
    guard let sum else { return (parts.text, parts) }
    guard let document = parts.document(size: size), DocumentFrames.checksum(document) == sum else { return nil }
    return (document, parts)
  }

  /// The parts of a document that nobody asks for, and that others rest on: that they are those of what was packed is proved by these.
  package func unpackStep(_ frame: [UInt8], after before: SplitDocument?, size: Int) -> SplitDocument? {
    unpackUnproved(frame, after: before, size: size)?.parts
  }

  /// - Returns: With the checksum; nil instead of it for what zstd has proved.
  private func unpackUnproved(_ frame: [UInt8], after before: SplitDocument?, size: Int) -> (parts: SplitDocument, sum: UInt32?)? {
    guard size >= 0, size <= DocumentFrames.largest, let content = frame.first else { return nil }
    guard content != Content.plain else {
      return zstd.unpack(frame, prefix: before?.whole, size: size).map { (SplitDocument(whole: $0), nil) }
    }
    let before = before?.apart
    guard content & ~(Content.hasText | Content.hasNumbers | Content.hasFewNumbers) == Content.base, frame.count >= 5 else { return nil }
    let sum = (0..<4).reduce(UInt32(0)) { $0 | UInt32(frame[1 + $1]) << UInt32($1 * 8) }
    var body = VariableReader(frame[5...])
    guard let text = text(&body, content, before, size), let parts = parts(&body, content, text, before) else { return nil }
    return (parts, sum)
  }

  private func text(_ body: inout VariableReader, _ content: UInt8, _ before: SplitDocument?, _ size: Int) -> [UInt8]? {
    guard content & Content.hasText != 0 else { return before?.text ?? [] }
    guard let count = body.next(), (0...size).contains(count), let length = body.next(), let frame = body.take(length) else { return nil }
    return zstd.unpack(frame, prefix: before?.text, size: count)
  }

  private func parts(_ body: inout VariableReader, _ content: UInt8, _ text: [UInt8], _ before: SplitDocument?) -> SplitDocument? {
    guard let shape = before.flatMap({ $0.isSplit && $0.text == text ? $0.shape : nil }) ?? DocumentShape(text) else { return nil }
    var bytes = [UInt8](repeating: 0, count: shape.contexts.count + (before == nil ? 0 : shape.rows.count))
    if content & Content.hasNumbers != 0 {
      guard let count = body.next(), (0...NumberFrames.bound(shape)).contains(count),
        let unpacked = zstd.unpack(body.rest, prefix: nil, size: count)
      else { return nil }
      bytes = unpacked
    } else if content & Content.hasFewNumbers != 0 {
      bytes = body.rest
    }
    return NumberFrames.unpack(bytes, shape, after: before).map { SplitDocument(text: text, numbers: $0, shape: shape) }
  }

  /// What tells that a document is the one that was packed: its prefix may have been another one.
  static func checksum(_ document: [UInt8]) -> UInt32 {
    let hash = document.withUnsafeBytes { bytes in
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(bytes.count)
      var place = 0
      while place + 8 <= bytes.count {
        hash = (hash ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
        place += 8
      }
      while place < bytes.count {
        hash = (hash ^ UInt64(bytes[place])) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
        place += 1
      }
      return hash
    }
    return UInt32(truncatingIfNeeded: hash >> 32) ^ UInt32(truncatingIfNeeded: hash)
  }
}
