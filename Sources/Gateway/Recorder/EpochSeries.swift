import Recorded
import Recording
import Series
import SystemAPI
import Wire

/// The series of an epoch: made of its documents before it is kept, and kept beside them.
enum EpochSeries {
  /// One for each kind whose documents were asked for.
  static func sheets(of epoch: Epoch, every: Int) -> [SeriesSheet] {
    let reading = SeriesReading(sources(epoch), every: every, began: epoch.header.began.milliseconds, at: epoch.header.at.milliseconds)
    return SeriesKind.allCases.filter { epoch.header.documents.contains($0.document.rawValue) }.map { reading.sheet($0) }
  }

  /// What an epoch keeps of a sheet.
  static func document(_ sheet: SeriesSheet) -> RecordedDocument {
    RecordedDocument(.init(server: "", document: SeriesSheet.document(sheet.kind)), bytes: sheet.text, rtt: .zero)
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
