import SystemAPI
import Wire

/// ROUTEZ: routes.
enum Routez {
  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments) throws(Obstacle) -> [UInt8] {
    // Where both are asked for, the details are what is shown.
    if payload.bool("subscriptions_detail") { throw .lacking(.routez, "subscriptions_detail") }
    let document = Document(.routez, try documents.document(.routez))
    if payload.bool("subscriptions") { return document.bytes }
    let hidden = MemberNames(["subscriptions_list"])
    _ = try document.members("routes")
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: bytes.count)
      json.copy(bytes, document.whole) { name, value, json in
        guard JSONBytes.equals(bytes, name, "routes"), !JSONBytes.isNull(bytes, value) else { return .kept }
        json.key("routes")
        json.copyRows(bytes, value, without: hidden)
        return .written
      }
      return json.bytes
    }
  }
}
