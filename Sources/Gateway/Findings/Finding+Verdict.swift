import Judgement

/// Findings as the gateway tells them.
extension Finding {
  init(_ found: Judgement.Finding) {
    let subject = found.subject
    self.init(found.code, found.severity, Finding.text(subject), found.sentence, link: FindingLink.of(found, CheckTable.check(found.code)))
    (server, cluster, account, stream) = (subject.server, subject.cluster, subject.account, subject.stream)
    serverID = subject.isNamesake ? subject.serverID : ""
    // What the text leaves out of the identity.
    let left = [.metaGroup, .superclusterLink].contains(subject.kind) ? subject.other : ""
    aspect = [left, found.part].filter { !$0.isEmpty }.joined(separator: " ")
    evidence = found.evidence
    since = found.since
    involved = [serverKey, subject.other, found.part].filter { !$0.isEmpty }
    (client, holders) = (found.client, found.holders)
  }

  private static func text(_ subject: Subject) -> String {
    switch subject.kind {
    case .metaGroup: "JetStream"
    case .superclusterLink: subject.serverText
    default: subject.text
    }
  }

  /// All that a verdict tells, the worst first; of each check that found too much one that counts the rest.
  static func all(_ verdict: Verdict) -> [Finding] {
    let more = verdict.beyond.map { check, count in
      let severity = verdict.findings.filter { $0.code == check.code }.map(\.severity).max() ?? check.severities.last ?? .info
      return Finding(
        check.code, severity, "JetStream", "\(count) more findings of this kind (\(check.code)).", link: "/jsz?streams=1")
    }
    return (verdict.findings.map(Finding.init) + more).sorted {
      ($0.severity.rank, $0.subject, $0.code, $0.sentence) < ($1.severity.rank, $1.subject, $1.code, $1.sentence)
    }
  }
}
