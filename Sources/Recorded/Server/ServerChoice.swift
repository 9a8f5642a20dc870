import SystemAPI
import Wire

/// Whether a request's filters choose a server.
enum ServerChoice {
  /// The release from which on `exact_match` is heeded.
  private static let knowsExact = [ServerVersion(2, 12, 0)]

  static func chooses(_ documents: RecordedDocuments, _ request: RequestPayload) -> Bool {
    let server = documents.description
    let exact = request.bool("exact_match") && documents.isSince(knowsExact)
    func fits(_ wanted: String, _ own: String) -> Bool { wanted.isEmpty || (exact ? own == wanted : own.contains(wanted)) }
    guard fits(request.string("server_name"), server.name), fits(request.string("host"), server.host),
      fits(request.string("cluster"), server.cluster)
    else { return false }
    let tags = Set(server.tags.map { $0.lowercased() })
    guard request.strings("tags").allSatisfy({ tags.contains($0.lowercased()) }) else { return false }
    let domain = request.string("domain")
    return domain.isEmpty || domain == server.domain
  }
}
