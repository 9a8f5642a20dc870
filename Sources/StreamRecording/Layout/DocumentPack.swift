import Recording
import Wire

/// Documents of one server at one moment, in one piece: a line of JSON that tells them apart, and their bytes behind it, one after the other.
package struct DocumentPack: Sendable, Equatable {
  /// A pack takes no document more that would make it larger than this, in bytes; a larger document has one of its own.
  static let full = 8 << 20

  /// What may be the time from a question to its reply, in nanoseconds.
  private static let spans = 0...1 << 53

  let server: String
  package private(set) var documents: [RecordedDocument]

  /// nil for what is none.
  package init?(_ bytes: [UInt8], server: String) {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), let rows = (try? JSONValue(parsing: Array(bytes[..<end])))?.elements
    else { return nil }
    self.server = server
    documents = []
    var start = end + 1
    for row in rows {
      guard let name = row[0]?.string, let account = row[1]?.string, let rtt = row[2]?.int, DocumentPack.spans.contains(rtt),
        let size = row[3]?.int, size >= 0, size <= bytes.count - start
      else { return nil }
      documents.append(
        RecordedDocument(
          .init(server: server, document: name, account: account), bytes: Array(bytes[start..<start + size]),
          rtt: Span(nanoseconds: Int64(rtt))))
      start += size
    }
    guard start == bytes.count else { return nil }
  }

  private init(server: String) {
    self.server = server
    documents = []
  }

  package var bytes: [UInt8] {
    var json = JSONWriter()
    json.array { json in
      for document in documents {
        json.array { json in
          json.string(document.key.document)
          json.string(document.key.account)
          json.integer(document.rtt.nanoseconds)
          json.integer(document.bytes.count)
        }
      }
    }
    var bytes = json.bytes
    bytes.reserveCapacity(bytes.count + 1 + documents.reduce(0) { $0 + $1.bytes.count })
    bytes.append(UInt8(ascii: "\n"))
    for document in documents { bytes += document.bytes }
    return bytes
  }

  /// An epoch's documents in packs, those of one server one behind the other. Documents that no frame takes are left out.
  static func packs(of documents: [RecordedDocument]) -> [DocumentPack] {
    // The same order in every epoch: each document then lies about where its prefix has it.
    let ordered = documents.filter { $0.bytes.count <= DocumentFrames.largest - (64 << 10) }.sorted {
      ($0.key.server, $0.key.document, $0.key.account) < ($1.key.server, $1.key.document, $1.key.account)
    }
    var packs: [DocumentPack] = []
    var filled = 0
    for document in ordered {
      if packs.last?.server != document.key.server || (filled > 0 && filled + document.bytes.count > DocumentPack.full) {
        packs.append(DocumentPack(server: document.key.server))
        filled = 0
      }
      packs[packs.count - 1].documents.append(document)
      filled += document.bytes.count
    }
    return packs
  }
}
