import Series

/// `docs/series.md`: the figures that are kept over time.
enum SeriesReference {
  static func markdown() -> String {
    var parts = [
      """
      # Figures over time

      What `/history` has of the record, for each `kind=`. [Earlier moments](time.md) tells how to ask. Every field has `min`, `mean`, `max` and
      `last` for each step; a counter also `rate`, `rate_min` and `rate_max`, a second. The first \(SeriesField.usual) of each kind are given where
      `field=` is left out.

      """
    ]
    for kind in SeriesKind.allCases { parts.append(section(kind)) }
    return parts.joined(separator: "\n")
  }

  private static func section(_ kind: SeriesKind) -> String {
    var table = MarkdownTable("field", "", "read from", "what")
    for field in kind.fields { table.add("`\(field.name)`", field.measure.rawValue, "`\(field.origin)`", field.help) }
    let parts = kind.parts.map { "`\($0)=`" }.joined(separator: ", ")
    let leader = kind.isReplicated ? " Of its replicas the leader's figures count; where nobody led there are none." : ""
    return "## \(kind.rawValue)\n\nTold apart by \(parts).\(leader)\n\n\(table.text)"
  }
}
