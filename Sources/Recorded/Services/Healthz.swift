import SystemAPI
import Wire

/// HEALTHZ: health. The full document tells every problem with its kind; what a narrower check finds is a part of it.
enum Healthz {
  /// From this release on health can be told in details, for one account, stream or consumer.
  private static let hasDetails = [ServerVersion(2, 10, 0)]
  /// From this release on `js-server-only` leaves out all of JetStream, and not only accounts.
  private static let serverOnlyIsShort = [ServerVersion(2, 11, 0)]

  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments) throws(Obstacle) -> [UInt8] {
    if payload.bool("details"), documents.isSince(hasDetails) { try documents.need(.healthz, "details", for: "details") }
    let document = Document(.healthz, try documents.document(.healthz))
    let status = document.string("status")
    guard status != nil else { throw .notRecorded(.unreadable(.healthz)) }
    guard documents.isSince(hasDetails) else { return try old(payload, documents, document, isWell: status == "ok") }
    let asked = HealthAssets(payload)
    let reply = HealthReply(details: payload.bool("details"))
    if let missing = asked.missingOption {
      return reply.bytes(
        HealthReply.Problem(
          code: 400, kind: .badRequest,
          text: "\(GoQuote.quoted(missing.option)) must not be empty when checking \(missing.checked) health"))
    }
    let problems = HealthProblems(document)
    if problems.has(.connection) { return reply.bytes(problems.all, code: 500, in: document) }
    let depth = try depth(payload, documents)
    if depth == .server { return reply.well() }
    if problems.has(.jetStream) {
      // Contact with the meta group is no matter of whether JetStream runs.
      let isOff = depth == .enabled ? try Document(.jsz, documents.document(.jsz)).isTrue("disabled") : true
      return isOff ? reply.bytes(problems.all, code: 503, in: document) : reply.well()
    }
    guard depth == .assets else { return reply.well() }
    guard asked.isNarrow else { return problems.all.isEmpty ? reply.well() : reply.bytes(problems.all, code: 503, in: document) }
    let found = problems.all.filter { asked.concerns($0) }
    if !found.isEmpty { return reply.bytes(found, code: 503, in: document) }
    if let absent = try asked.absent(documents) { return reply.bytes(absent) }
    return reply.well()
  }

  /// How far a check goes.
  private enum Depth { case server, enabled, meta, assets }

  private static func depth(_ payload: RequestPayload, _ documents: RecordedDocuments) throws(Obstacle) -> Depth {
    if payload.bool("js-server-only"), documents.isSince(serverOnlyIsShort) { return .server }
    if payload.bool("js-enabled-only") || payload.bool("js-enabled") { return .enabled }
    if payload.bool("js-server-only") { return .meta }
    if payload.bool("js-meta-only"), documents.isSince(Endpoint.healthz.parameter("js-meta-only")?.since ?? []) { return .meta }
    return .assets
  }

  /// Before there were details the first problem is all that is told.
  private static func old(
    _ payload: RequestPayload, _ documents: RecordedDocuments, _ document: Document, isWell: Bool
  ) throws(Obstacle) -> [UInt8] {
    // `error`: the server itself, which every check looks at first.
    guard !isWell, document.string("status") == "unavailable" else { return document.bytes }
    let knowsOldName = documents.isSince([ServerVersion(2, 9, 11)])
    if payload.bool("js-enabled-only") || (knowsOldName && payload.bool("js-enabled")) {
      let isOff = try Document(.jsz, documents.document(.jsz)).isTrue("disabled")
      return isOff ? document.bytes : Array(#"{"status":"ok"}"#.utf8)
    }
    // Whether it was the meta group or a stream is told in words only.
    if payload.bool("js-server-only") {
      throw .notRecorded(.parameter(.healthz, name: "js-server-only", value: "true"))
    }
    return document.bytes
  }
}
