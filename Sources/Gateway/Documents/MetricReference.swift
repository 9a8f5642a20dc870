/// `docs/metrics.md`: every family of `/metrics`, written from its table.
public enum MetricReference {
  private static let introduction = """
    # Metrics

    Every family of `/metrics` and its detail pages. `/metrics/surveyor` and `/metrics/exporter` have the names of nats-surveyor and of
    prometheus-nats-exporter instead. Where two servers of a cluster share a name their samples bear `server_id` too. Labels without a value are left out.
    How to scrape: docs/watching.md; what to alert on: docs/completeness.md and `deploy/prometheus`.

    """

  /// Markdown: one table for each kind of thing.
  public static func markdown() -> String {
    var text = introduction
    for (title, families) in MetricTable.sections {
      var table = MarkdownTable("name", "type", "labels", "what it says")
      for family in families {
        table.add("`\(family.name)`", family.kind.rawValue, family.labels.map { "`\($0)`" }.joined(separator: ", "), family.help)
      }
      text += "\n## \(title)\n\n" + table.text
    }
    return text
  }
}
