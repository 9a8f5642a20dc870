import Judgement
import Recording
import Wire

/// The documents by which an epoch tells what happened since the one before, besides what the servers said. Their server is none: the empty id.
enum EpochChronicle {
  /// What the epoch before kept.
  struct Before: Sendable {
    let at: Timestamp
    var facts: EpochFacts?
    var findings: KeptFindings?

    /// Reads it from a store; nil where there is no epoch before.
    init?(_ epoch: EpochHeader, _ store: any RecordStore) {
      // What cannot be read is taken for not kept: the epoch under way is none the worse for it.
      guard let header = try? store.epoch(at: epoch.at), header.number != epoch.number else { return nil }
      self.init(after: header, store)
    }

    /// What an epoch itself kept.
    init?(after header: EpochHeader, _ store: any RecordStore) {
      at = header.at
      facts = EpochChronicle.read(.facts, header, store).flatMap { EpochFacts($0) }
      findings = EpochChronicle.read(.findings, header, store).flatMap { KeptFindings($0) }
    }
  }

  private static func read(_ name: RecordedDocument.OfEpoch, _ header: EpochHeader, _ store: any RecordStore) -> [UInt8]? {
    try? store.documents(ofEpoch: header.number, named: name.rawValue).first?.bytes
  }

  /// What was heard since the epoch before.
  struct Heard: Sendable {
    var events: [WatchedEvent]
    var closed: [ClosedConnection]
    var since: Timestamp
    /// Nothing of it was forgotten.
    var isWhole: Bool
  }

  /// The documents of an epoch.
  ///
  /// - Parameter findings: nil where it could not be judged.
  static func documents(
    _ epoch: Epoch, _ beliefs: RecordedBeliefs, _ findings: [Finding]?, beyond: Int = 0, _ heard: Heard, after before: Before?,
    ledger: FindingLedger? = nil, refusedLogins: Int
  ) -> [RecordedDocument] {
    let facts = EpochFacts(beliefs, epoch.documents)
    let filled = before?.facts.map { facts.filled(from: $0) } ?? facts
    let transitions = Transitions.between(
      before?.facts, facts.isSettled ? filled : facts, HeardBetween(heard.events, closed: heard.closed, since: heard.since),
      refusedLogins: refusedLogins)
    let at = epoch.header.at
    let texts: [(RecordedDocument.OfEpoch, [UInt8]?)] = [
      (.findings, findings.map { KeptFindings($0, beyond: beyond, at: at, after: before?.findings, ledger: ledger).text }),
      (.transitions, Transition.text(transitions)), (.facts, filled.text),
      (.events, KeptEvents(since: heard.since, until: at, events: heard.events, isWhole: heard.isWhole).text()),
    ]
    return texts.compactMap { name, text in
      text.map { RecordedDocument(.init(server: "", document: name.rawValue), bytes: $0, rtt: .zero) }
    }
  }
}
