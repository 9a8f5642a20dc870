import Judgement
import Recording
import Wire

/// Reads incidents from a store. For workers.
enum IncidentReading {
  /// Epochs of one answer, at most: the newest of the span.
  static let most = 100_000

  /// Folds the epochs of a span; one without epochs where there are none.
  static func fold(
    _ store: any RecordStore, since: Timestamp, until: Timestamp, _ filter: IncidentFilter
  ) throws(RecordError) -> IncidentFold {
    var fold = IncidentFold(filter)
    let epochs = try store.epochs(since: since, until: until, most: most)
    guard let first = epochs.first, let last = epochs.last else { return fold }
    try store.documents(named: RecordedDocument.OfEpoch.transitions.rawValue, since: first.at, until: last.at, most: most) { _, document in
      fold.add(Transition.list(document.bytes))
      return true
    }
    var rest = epochs[...]
    /// Epochs before one that was judged were not.
    func skip(to number: Int?) {
      while let next = rest.first, next.number != number {
        fold.add(IncidentFold.Epoch(next, nil))
        rest.removeFirst()
      }
    }
    var read: (bytes: [UInt8], findings: KeptFindings?)?
    let findings = RecordedDocument.OfEpoch.findings.rawValue
    try store.documents(named: findings, since: first.at, until: last.at, most: most) { header, document in
      // What came meanwhile is of another answer.
      guard rest.contains(where: { $0.number == header.number }) else { return true }
      skip(to: header.number)
      // As a rule the epochs of a quiet time say the same.
      let findings = read?.bytes == document.bytes ? read?.findings : KeptFindings(document.bytes)
      read = (document.bytes, findings)
      fold.add(IncidentFold.Epoch(header, findings))
      rest.removeFirst()
      return true
    }
    skip(to: nil)
    return fold
  }
}

extension IncidentFold.Epoch {
  fileprivate init(_ header: EpochHeader, _ findings: KeptFindings?) {
    self.init(number: header.number, began: header.began, at: header.at, findings: findings)
  }
}
