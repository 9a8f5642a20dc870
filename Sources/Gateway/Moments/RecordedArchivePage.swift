import HTTPServer
import Reactor
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// `/archive` of a recorded moment: all that was kept of it, as a file.
struct RecordedArchivePage: Page {
  /// An archive would be larger than may be held at once.
  private struct TooLarge: Error {}

  let description = PageDescription.archive
  let source: RecordedSource
  /// The gateway's own.
  let version: String
  /// The most bytes of an archive.
  let limit: Int

  func answer(_ page: PageRequest, _ exit: Exit) {
    if let refusal = RecordedArchivePage.refusal(page, source.documents.header.documents) { return exit.send(refusal.response) }
    if let refusal = nothingToPutIn { return exit.send(refusal.response) }
    let (making, limit) = (making(page.path.scope, showsSecrets: page.request.maySeeSecrets), limit)
    let name = RecordedArchivePage.fileName(page.path.scope, source.mark.at)
    let isTaken = RecordKeeper.workers.run {
      do {
        var bytes: [UInt8] = []
        let report = try making.write { piece in
          guard bytes.count + piece.count <= limit else { throw TooLarge() }
          bytes += piece
        }
        var response = HTTPResponse(contentType: "application/zip", headers: report.whole.headers(), body: bytes)
        response.headers.append(HTTPHeader("Content-Disposition", "attachment; filename=\"\(name)\""))
        response.isCompressible = false
        exit.send(Answer(response: response, isDisclosed: true))
      } catch let error as RecordError {
        exit.send(Refusal(error).response)
      } catch is TooLarge {
        let text = "the archive has more than \(limit >> 20) MB: ask for one cluster or one server, or use natsight archive"
        exit.send(Refusal(.answerTooLarge, text).response)
      } catch {
        exit.send(Refusal(.recordUnreadable, "the archive cannot be made: \(error)").response)
      }
    }
    if !isTaken { exit.send(Refusal(.recordUnreadable, "too much of the record is being read at once").response) }
  }

  /// Why no archive can be made of this moment; nil where one can.
  var nothingToPutIn: Refusal? {
    guard !source.documents.wasAskedFor(.varz) else { return nil }
    return Refusal(
      .notRecorded, "of epoch \(source.mark.epoch) nothing is kept but heartbeats: an archive is made of what --record asks servers for")
  }

  /// What makes the file. On the shard.
  func making(_ scope: PathScope, showsSecrets: Bool) -> ArchiveMaking {
    let servers: Set<ServerID>? = if case .system = scope { nil } else { Set(source.servers(in: scope).map(\.id)) }
    return ArchiveMaking(
      header: source.documents.header, beliefs: source.kept, store: source.documents.store, servers: servers,
      roster: source.completeness(of: scope), showsSecrets: showsSecrets, version: version)
  }

  /// Why a caller may not have an archive: it holds what other paths tell, and whoever may not read those may not have it.
  ///
  /// - Parameter documents: The names of what it holds.
  static func refusal(_ page: PageRequest, _ documents: [String]) -> Refusal? {
    let scope = page.path.segments.dropLast(page.path.rest.count)
    let names = Set(documents.compactMap(FullDocument.Name.init).map { FullDocument.named($0).endpoint.name }).sorted()
    for path in [[PageDescription.servers.name]] + names.map({ scope + [$0] }) where !page.request.mayRead(path) {
      return Refusal(.forbidden, "an archive holds what /\(path.joined(separator: "/")) tells, which the caller's role may not read")
    }
    return nil
  }

  /// `natsight-archive-20261130T031200Z.zip`, with the name of the scope in it.
  static func fileName(_ scope: PathScope, _ at: Timestamp) -> String {
    let time = String(at.rfc3339.prefix(19)).filter { $0 != "-" && $0 != ":" } + "Z"
    let name = String(scope.name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" }.prefix(60))
    return "natsight-archive-" + (name.isEmpty ? "" : name + "-") + time + ".zip"
  }
}
