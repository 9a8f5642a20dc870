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
}

/// The message that a bundle stands in, or that says where its pieces are.
package struct SeriesMessage: Sendable, Equatable {
  /// What the bundle is once it is unpacked.
  var size: Int
  /// The messages of its pieces; empty where the frame is in this message.
  var sequences: [Int]
  var frame: [UInt8]

  init(size: Int, sequences: [Int], frame: [UInt8]) {
    self.size = size
    self.sequences = sequences
    self.frame = frame
  }

  /// nil for what is none.
  package init?(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), let json = try? JSONValue(parsing: Array(bytes[..<end])),
      let size = json["size"]?.int, size >= 0, let elements = json["seqs"]?.elements, elements.count <= MessageRun.most
    else { return nil }
    sequences = elements.compactMap { StreamMessage.sequence($0.int) }
    guard sequences.count == elements.count else { return nil }
    self.size = size
    frame = Array(bytes[(end + 1)...])
  }

  package var bytes: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("size", size)
      json.key("seqs")
      json.array { json in for sequence in sequences { json.integer(sequence) } }
    }
    return json.bytes + [UInt8(ascii: "\n")] + frame
  }
}
