import Recording
import Wire

/// The blocks of one kind within one hour, in one piece: a line of JSON that tells them apart, and their bytes behind it.
package struct SeriesBundle: Sendable, Equatable {
  package var blocks: [String: [UInt8]] = [:]

  init() {}

  /// nil for what is none.
  package init?(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), let rows = (try? JSONValue(parsing: Array(bytes[..<end])))?.elements
    else { return nil }
    var start = end + 1
    for row in rows {
      guard let entity = row[0]?.string, let size = row[1]?.int, size >= 0, size <= bytes.count - start else { return nil }
      blocks[entity] = Array(bytes[start..<start + size])
      start += size
    }
    guard start == bytes.count else { return nil }
  }

  package var bytes: [UInt8] {
    let ordered = blocks.sorted { $0.key < $1.key }
    var json = JSONWriter()
    json.array { json in
      for (entity, bytes) in ordered {
        json.array { json in
          json.string(entity)
          json.integer(bytes.count)
        }
      }
    }
    return json.bytes + [UInt8(ascii: "\n")] + ordered.flatMap(\.value)
  }

  /// The same in bundles of which none is much larger than so many bytes; one where it is not.
  package func parts(of most: Int) -> [SeriesBundle] {
    var parts = [SeriesBundle()]
    var size = 0
    for (entity, bytes) in blocks.sorted(by: { $0.key < $1.key }) {
      let own = entity.utf8.count + bytes.count
      if size > 0, size + own > most {
        parts.append(SeriesBundle())
        size = 0
      }
      parts[parts.count - 1].blocks[entity] = bytes
      size += own
    }
    return parts
  }
}

/// The message that a bundle stands in, or that says where its pieces are; or those of its parts, where it is too large for one frame.
package struct SeriesMessage: Sendable, Equatable {
  /// What the bundle is once it is unpacked.
  var size: Int
  /// The messages of its pieces; empty where the frame is in this message.
  var sequences: [Int]
  var frame: [UInt8]
  /// Bundles that are one together; empty where it is in one frame.
  var parts: [MessageRun] = []

  /// Parts of a bundle, at most.
  static let mostParts = 256

  init(size: Int, sequences: [Int], frame: [UInt8]) {
    self.size = size
    self.sequences = sequences
    self.frame = frame
  }

  init(parts: [MessageRun]) {
    self.init(size: 0, sequences: [], frame: [])
    self.parts = parts
  }

  /// nil for what is none.
  package init?(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), let json = try? JSONValue(parsing: Array(bytes[..<end])) else { return nil }
    if let parts = json["parts"]?.elements {
      guard (1...SeriesMessage.mostParts).contains(parts.count), end + 1 == bytes.count else { return nil }
      self.init(parts: parts.compactMap { MessageRun($0) })
      guard self.parts.count == parts.count else { return nil }
      return
    }
    guard let size = json["size"]?.int, size >= 0, let elements = json["seqs"]?.elements, elements.count <= MessageRun.most
    else { return nil }
    let sequences = elements.compactMap { StreamMessage.sequence($0.int) }
    guard sequences.count == elements.count else { return nil }
    self.init(size: size, sequences: sequences, frame: Array(bytes[(end + 1)...]))
  }

  package var bytes: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      if parts.isEmpty {
        json.member("size", size)
        json.key("seqs")
        json.array { json in for sequence in sequences { json.integer(sequence) } }
      } else {
        json.key("parts")
        json.array { json in for part in parts { json.object { part.write(to: &$0) } } }
      }
    }
    return json.bytes + [UInt8(ascii: "\n")] + frame
  }
}
