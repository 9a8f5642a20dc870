import Identity
import Reactor
import SystemAPI
import Wire

/// Keeps the roster in the state folder, so that a restarted gateway still knows who was there.
extension Gateway {
  private var rosterFile: String? { configuration.stateDirectory.map { $0 + "/roster.json" } }

  func restoreRoster() {
    guard let rosterFile, let bytes = try? FileAccess.read(rosterFile) else { return }
    guard let document = try? JSONValue(parsing: bytes) else {
      log.warning("the kept roster cannot be read", metadata: ["file": "\(rosterFile)"])
      return
    }
    var ordinals: [String: Int] = [:]
    for member in document["ordinals"]?.members ?? [] {
      if let value = member.value.int { ordinals[member.name] = value }
    }
    var servers: [(description: ServerDescription, lastSeenAt: Timestamp)] = []
    for item in document["servers"]?.elements ?? [] {
      var server = ServerDescription()
      server.id = item["id"]?.string ?? ""
      server.name = item["name"]?.string ?? ""
      server.host = item["host"]?.string ?? ""
      server.cluster = item["cluster"]?.string ?? ""
      server.domain = item["domain"]?.string ?? ""
      server.version = item["version"]?.string ?? ""
      server.tags = item["tags"]?.elements?.compactMap(\.string) ?? []
      guard !server.id.isEmpty, !roster.retiredNames.contains(server.name) else { continue }
      let seen = item["last_seen"]?.string.flatMap { Timestamp(rfc3339: $0) } ?? .zero
      guard Timestamp.now().unixSeconds - seen.unixSeconds < configuration.forgetAfter else { continue }
      servers.append((server, seen))
    }
    roster.restore(next: document["next_ordinal"]?.int ?? 1, ordinals: ordinals, servers: servers, now: shard.now)
  }

  /// Writes a little later, so that a burst of changes is one write.
  func scheduleSave() {
    guard rosterFile != nil, !saveIsScheduled else { return }
    saveIsScheduled = true
    _ = shard.after(1) { [weak self] in
      self?.saveIsScheduled = false
      self?.saveRoster()
    }
  }

  func saveRoster() {
    guard let rosterFile else { return }
    let table = roster.ordinalTable
    var json = JSONWriter(indent: 1)
    json.object { json in
      json.member("next_ordinal", table.next)
      json.objectMember("ordinals") { json in
        for (id, ordinal) in table.byID.sorted(by: { $0.value < $1.value }).suffix(20_000) {
          json.key(id)
          json.integer(ordinal)
        }
      }
      json.arrayMember("servers") { json in
        for entry in roster.ordered where entry.isExpected && !entry.isDeclaredOnly {
          json.object { json in
            json.member("id", entry.id)
            json.member("name", entry.name)
            json.member("host", entry.description.host)
            json.member("cluster", entry.cluster)
            json.member("domain", entry.description.domain)
            json.member("version", entry.description.version)
            json.member("tags", entry.description.tags)
            json.member("last_seen", entry.lastSeenAt.rfc3339)
          }
        }
      }
    }
    let bytes = json.bytes
    let log = log
    let isTaken = WorkerQueue.shared.run {
      do {
        try FileAccess.makeDirectory(FileAccess.parent(of: rosterFile))
        try FileAccess.writeAtomically(rosterFile, bytes)
      } catch {
        log.warning("the roster could not be kept", metadata: ["file": "\(rosterFile)", "error": "\(error)"])
      }
    }
    if !isTaken { log.warning("the roster could not be kept: too much other work waits", metadata: ["file": "\(rosterFile)"]) }
  }
}
