import SystemAPI
import Wire

/// ROUTEZ: routes.
enum Routez {
  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments) throws(Obstacle) -> [UInt8] {
    let shown = try SubscriptionsShown(payload, .routez, documents)
    let document = Document(.routez, try documents.document(.routez))
    let hidden = MemberNames(shown.hidden)
    _ = try document.members("routes")
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: bytes.count)
      json.copy(bytes, document.whole) { name, value, json in
        guard JSONBytes.equals(bytes, name, "routes"), !JSONBytes.isNull(bytes, value) else { return .kept }
        json.key("routes")
        json.beginArray()
        var rows = JSONElements(bytes, value)
        while let row = rows.next() { shown.copy(bytes, row, without: hidden, &json) }
        json.endArray()
        return .written
      }
      return json.bytes
    }
  }
}
