import Judgement
import Notify
import Wire

/// What has become of findings, for whoever is told.
enum FindingNews {
  /// - Parameters:
  ///   - before: What there was to be heard of the last time.
  ///   - now: What there is.
  static func between(
    _ before: [Finding.Identity: FindingLedger.Entry], _ now: [Finding.Identity: FindingLedger.Entry], at time: Timestamp
  ) -> [News] {
    var news: [News] = []
    for (identity, entry) in now {
      guard let known = before[identity], known.opened == entry.opened else {
        if let known = before[identity] { news.append(ended(known, at: entry.opened)) }
        news.append(make(.opened, entry))
        continue
      }
      let (was, severity) = (known.finding.severity, entry.finding.severity)
      if severity != was { news.append(make(severity > was ? .worsened : .eased, entry)) }
    }
    for (identity, entry) in before where now[identity] == nil { news.append(ended(entry, at: time)) }
    // Ends first: what comes again is over before.
    return news.sorted {
      ($0.kind == .ended ? 0 : 1, $0.opened, $0.identity) < ($1.kind == .ended ? 0 : 1, $1.opened, $1.identity)
    }
  }

  private static func ended(_ entry: FindingLedger.Entry, at time: Timestamp) -> News {
    var entry = entry
    entry.ended = time
    return make(.ended, entry)
  }

  private static func make(_ kind: News.Kind, _ entry: FindingLedger.Entry) -> News {
    let finding = entry.finding
    var news = News(
      kind, identity: finding.identity.text, code: finding.code, severity: finding.severity.rawValue, subject: finding.subject,
      sentence: finding.sentence, opened: entry.opened, ended: entry.ended)
    (news.server, news.cluster, news.account, news.stream) = (finding.server, finding.cluster, finding.account, finding.stream)
    news.aspect = finding.aspect
    news.remedy = CheckTable.check(finding.code)?.remedy ?? ""
    news.link = finding.link
    return news
  }
}
