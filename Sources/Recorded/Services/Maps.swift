import SystemAPI
import Wire

/// RAFTZ: raft groups.
enum Raftz {
  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments) throws(Obstacle) -> [UInt8] {
    let account = payload.string("account")
    let group = payload.string("group")
    let document = Document(.raftz, try documents.document(.raftz))
    _ = try document.members("")
    if !account.isEmpty, try AccountNames.system(documents) != account {
      // Accounts that there are not have no groups.
      guard try !AccountNames.has(account, documents) else { throw .lacking(.raftz, "account") }
      return Array("{}".utf8)
    }
    guard !group.isEmpty else { return document.bytes }
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: bytes.count)
      json.copy(bytes, document.whole) { name, groups, json in
        var members = JSONMembers(bytes, groups)
        while let (own, _) = members.next() {
          guard JSONBytes.equals(bytes, own, group) else { continue }
          json.key(bytes, name)
          json.copy(bytes, groups) { own, _, _ in JSONBytes.equals(bytes, own, group) ? .kept : .leftOut }
          return .written
        }
        return .leftOut
      }
      return json.bytes
    }
  }
}

/// IPQUEUESZ: internal queues.
enum Ipqueuesz {
  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments) throws(Obstacle) -> [UInt8] {
    let (all, filter) = (payload.bool("all"), payload.string("filter"))
    let document = Document(.ipqueuesz, try documents.document(.ipqueuesz))
    _ = try document.members("")
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: bytes.count)
      json.copy(bytes, document.whole) { name, queue, _ in
        let counts = JSONBytes.members(["pending", "in_progress"], bytes, queue).map { $0.flatMap { JSONBytes.integer(bytes, $0) } ?? 0 }
        guard all || counts != [0, 0] else { return .leftOut }
        return filter.isEmpty || JSONBytes.unescaped(bytes, name).contains(filter) ? .kept : .leftOut
      }
      return json.bytes
    }
  }
}
