import Logging
import SystemAPI
import SystemModel

/// What the log says when a server appears, or stands elsewhere than before: one line for each thing that happens to it.
struct StandingLine {
  let level: Logger.Level
  let text: String
  let metadata: Logger.Metadata

  /// - Parameters:
  ///   - before: Nil for a server that was not known.
  ///   - isDiscovering: The gateway is finding out who is there: a system of nine hundred is no news one by one.
  init(_ server: KnownServer, before: Standing?, isDiscovering: Bool) {
    var metadata: Logger.Metadata = ["server": "\(server.name)", "state": "\(server.standing.name)"]
    if let before { metadata["before"] = "\(before.name)" }
    metadata["reason"] = "\(StandingLine.reason(server, before: before))"
    if before == nil { metadata["version"] = "\(server.description.version)" }
    self.metadata = metadata
    text = before == nil ? "server appeared" : "server state"
    level = StandingLine.isMinor(server.standing, before: before, isDiscovering: isDiscovering) ? .debug : .info
  }

  /// Slowness is how a suspicion begins, and comes and goes; both are told by what follows, if anything does.
  private static func isMinor(_ now: Standing, before: Standing?, isDiscovering: Bool) -> Bool {
    switch (before, now) {
    case (nil, _): isDiscovering
    case (.live?, .slow), (.slow?, .live): true
    default: false
    }
  }

  private static func reason(_ server: KnownServer, before: Standing?) -> String {
    let reason = server.standing.reason
    guard reason.isEmpty else { return reason }
    switch before {
    case .suspect?, .gone?: return "heard again"
    case .slow?: return "answers in time again"
    case .awaited?: return "seen"
    default: return "heard for the first time"
    }
  }
}
