import BrokerCore
import Reactor
import Wire

/// Writes the monitoring documents of one broker. Confined to its shard.
final class Monitor {
  unowned let server: Server
  let report: ServerReport
  let notes: SystemNotes
  var sampler = ProcessSampler()

  init(_ server: Server, _ report: ServerReport, _ notes: SystemNotes) {
    self.server = server
    self.report = report
    self.notes = notes
  }

  var now: UInt64 { wallClockNow() }

  /// What an account is called where its JWT has no name of its own.
  static func nameTag(_ account: Account, _ tag: String) -> String {
    if !tag.isEmpty { return tag }
    return account.nameTag.isEmpty ? account.name : account.nameTag
  }

  func head(_ json: inout JSONWriter) {
    json.member("server_id", server.serverID)
    json.member("now", WallClock.now())
  }

  static func uptime(_ nanoseconds: UInt64) -> String { DurationText.uptime(Int64(clamping: nanoseconds)) }

  /// Nanoseconds of a time in seconds.
  static func nanoseconds(_ seconds: Double) -> Int64 { Span.seconds(seconds).nanoseconds }
}
