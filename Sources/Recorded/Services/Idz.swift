import SystemAPI
import Wire

/// IDZ: who the server is, without an envelope.
enum Idz {
  static func answer(_ documents: RecordedDocuments) -> [UInt8] {
    let server = documents.description
    var json = JSONWriter()
    json.object { json in
      json.member("name", server.name)
      json.member("host", server.host)
      json.member("id", server.id)
    }
    return json.bytes
  }
}
