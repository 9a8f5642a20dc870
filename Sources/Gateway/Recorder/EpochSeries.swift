import Recorded
import Recording
import Series
import SystemAPI
import Wire

/// The series of an epoch: made of its documents before it is kept, and kept beside them.
enum EpochSeries {
  /// One document for each kind whose documents were asked for.
  static func documents(of epoch: Epoch, every: Int) -> [RecordedDocument] {
    let reading = SeriesReading(sources(epoch), every: every, began: epoch.header.began.milliseconds, at: epoch.header.at.milliseconds)
    return SeriesKind.allCases.filter { epoch.header.documents.contains($0.document.rawValue) }.map { kind in
      RecordedDocument(.init(server: "", document: SeriesSheet.document(kind)), bytes: reading.sheet(kind).text, rtt: .zero)
    }
  }

  private static func sources(_ epoch: Epoch) -> [SeriesSource] {
    let wanted = Set(SeriesKind.allCases.map(\.document))
    var found: [String: SeriesSource] = [:]
    for document in epoch.documents where document.key.account.isEmpty {
      let id = document.key.server
      if document.key.document == KeptDocument.server {
        let (name, cluster) = names(document.bytes)
        found[id, default: SeriesSource(id: id, name: id, cluster: "", documents: [:])].name = name ?? id
        found[id]?.cluster = cluster ?? ""
      } else if let name = FullDocument.Name(rawValue: document.key.document), wanted.contains(name) {
        found[id, default: SeriesSource(id: id, name: id, cluster: "", documents: [:])].documents[name] = document.bytes
      }
    }
    return Array(found.values)
  }

  private static func names(_ object: [UInt8]) -> (name: String?, cluster: String?) {
    object.withUnsafeBufferPointer { bytes in
      let members = JSONBytes.members(["name", "cluster"], bytes, 0..<bytes.count)
      return (members[0].flatMap { JSONBytes.string(bytes, $0) }, members[1].flatMap { JSONBytes.string(bytes, $0) })
    }
  }
}
