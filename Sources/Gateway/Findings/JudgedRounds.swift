import Judgement
import SystemAPI
import Wire

/// Judges played systems round after round, as a gateway's workers do it, without a gateway: to measure what that takes.
package final class JudgedRounds {
  /// What one server told.
  package struct Document: Sendable {
    let need: Need
    let reply: DocumentReply

    /// - Parameters:
    ///   - need: As ``/Judgement/Need`` has them: `varz`, `jsz?consumers=1`.
    /// - Returns: nil for what is no such document.
    package init?(_ need: String, server: String, cluster: String, _ bytes: [UInt8]) {
      guard let need = Need(rawValue: need), let view = try? JSONView(validating: bytes) else { return nil }
      var description = ServerDescription()
      (description.name, description.id, description.cluster, description.version) = (server, "ID" + server, cluster, "2.12.4")
      self.need = need
      reply = DocumentReply(server: description, document: view)
    }
  }

  /// What a round took, in seconds of the clock.
  package struct Cost {
    /// Reading the documents, and joining the links.
    package var reading = 0.0
    /// Remembering the figures.
    package var remembering = 0.0
    package var judging = 0.0
    package var findings = 0
    package var streams = 0
    package var consumers = 0
    /// Of the documents.
    package var bytes = 0

    package var whole: Double { reading + remembering + judging }
  }

  private let clock: () -> Double
  private let past = LivingPast(earlier: nil)

  package init(clock: @escaping () -> Double) { self.clock = clock }

  package func judge(_ documents: [Document], at now: Timestamp) -> Cost {
    var gathered = GatheredSystem(JudgedSystem(now: now))
    gathered.replies = Dictionary(grouping: documents, by: \.need).map { ($0.key, $0.value.map(\.reply), []) }
    var cost = Cost()
    let begin = clock()
    var system = gathered.whole()
    let read = clock()
    past.fill(&system)
    let remembered = clock()
    let found = Finding.all(Judge.judge(system))
    (cost.reading, cost.remembering, cost.judging) = (read - begin, remembered - read, clock() - remembered)
    (cost.findings, cost.streams, cost.consumers) = (found.count, system.jetStream.streams.count, system.jetStream.consumers.count)
    cost.bytes = system.documentBytes
    return cost
  }
}
