import Archive
import Recorded
import Recording
import SystemModel
import Wire

/// What an archive of ours holds of its moment beside the servers' documents, in an entry that other tools pass over: what was believed, who
/// refused what, and how long each reply took. With it the file opens as the moment that it was made of.
struct MomentDescription {
  /// What is kept of a server in the place of a document: that it was refused, or was too large to be kept.
  struct Note {
    let server: ServerID
    /// The name that it is kept under.
    let name: String
    let account: String
    /// JSON; empty where the name says all.
    let text: [UInt8]
  }

  /// The name of its special entry.
  static let special = "natsight_moment"
  /// What it says of its own form; a later version may write a larger one.
  static let format = 1

  var header: EpochHeader
  /// ``RecordedBeliefs/text``
  var beliefs: [UInt8]
  /// The `server` object of each server's replies.
  var servers: [ServerID: [UInt8]] = [:]
  var notes: [Note] = []
  /// From question to reply, by server and document.
  var rtts: [ServerID: [String: Span]] = [:]

  init(_ header: EpochHeader, beliefs: [UInt8]) {
    self.header = header
    self.beliefs = beliefs
  }

  // MARK: Writing

  func encoded(version: String) -> [UInt8] {
    var json = JSONWriter(capacity: beliefs.count + 4_096)
    json.object { json in
      json.member("format", MomentDescription.format)
      json.member("version", version)
      json.member("epoch", header.number)
      json.member("began", header.began.rfc3339)
      json.member("at", header.at.rfc3339)
      json.key("expected")
      if let expected = header.expected { json.integer(expected) } else { json.null() }
      json.member("responded", header.responded)
      json.member("missing", header.missing)
      if let findings = header.findings {
        json.objectMember("findings") { json in
          json.member("critical", findings.critical)
          json.member("warning", findings.warning)
          json.member("info", findings.info)
        }
      }
      json.member("documents", header.documents)
      json.member("beliefs", raw: beliefs)
      json.arrayMember("servers") { json in for id in servers.keys.sorted() { json.raw(servers[id] ?? []) } }
      json.arrayMember("notes") { json in
        for note in notes {
          json.object { json in
            json.member("server", note.server)
            json.member("name", note.name)
            json.member("account", unlessEmpty: note.account)
            if !note.text.isEmpty { json.member("text", raw: note.text) }
          }
        }
      }
      json.objectMember("rtts") { json in
        for (id, spans) in rtts.sorted(by: { $0.key < $1.key }) {
          json.key(id)
          json.object { json in
            for (document, span) in spans.sorted(by: { $0.key < $1.key }) {
              json.key(document)
              json.integer(span.nanoseconds)
            }
          }
        }
      }
    }
    return json.bytes + [0x0A]
  }

  // MARK: Reading

  /// - Throws: Where it is of a later form, or of none.
  init(_ bytes: [UInt8]) throws(ArchiveOpeningError) {
    let damaged = ArchiveOpeningError("its entry \"\(MomentDescription.special)\" is not JSON of the form that is expected")
    guard let view = try? JSONView(validating: bytes), let format = view["format"]?.int else { throw damaged }
    guard format <= MomentDescription.format else {
      throw ArchiveOpeningError(
        "it was made by a later version (\(view["version"]?.string ?? "unknown"), form \(format); this one reads up to \(MomentDescription.format))"
      )
    }
    guard let number = view["epoch"]?.int, let began = MomentDescription.time(view["began"]), let at = MomentDescription.time(view["at"]),
      let beliefs = view["beliefs"]
    else { throw damaged }
    header = EpochHeader(
      number: number, began: began, at: at, expected: view["expected"]?.int, responded: view["responded"]?.int ?? 0,
      missing: view["missing"]?.int ?? 0, documents: view["documents"]?.elements.compactMap(\.string) ?? [])
    if let counts = view["findings"], counts.kind == .object {
      header.findings = FindingCounts(
        critical: counts["critical"]?.int ?? 0, warning: counts["warning"]?.int ?? 0, info: counts["info"]?.int ?? 0)
    }
    self.beliefs = Array(beliefs.raw)
    for object in view["servers"]?.elements ?? [] {
      if let id = object["id"]?.string { servers[id] = Array(object.raw) }
    }
    notes = (view["notes"]?.elements ?? []).compactMap { item in
      guard let server = item["server"]?.string, let name = item["name"]?.string,
        KeptDocument.inPlaces.contains(where: name.hasPrefix)
      else { return nil }
      return Note(server: server, name: name, account: item["account"]?.string ?? "", text: item["text"].map { Array($0.raw) } ?? [])
    }
    view["rtts"]?.forEachMember { id, spans in
      spans.forEachMember { document, span in rtts[id, default: [:]][document] = span.int.map { Span(nanoseconds: Int64($0)) } }
    }
  }

  private static func time(_ value: JSONView?) -> Timestamp? { value?.string.flatMap { Timestamp(rfc3339: $0) } }
}
