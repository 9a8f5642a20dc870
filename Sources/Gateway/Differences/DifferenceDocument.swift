import Wire

/// A difference as `/diff` writes it.
struct DifferenceDocument {
  /// Between the two moments; nil where two servers are compared at one.
  let span: Span?

  /// The members of an object that hold a difference.
  ///
  /// - Parameter isRestarted: Counters began anew in between: nothing is subtracted.
  func write(_ difference: Difference, isRestarted: Bool, to json: inout JSONWriter) {
    json.objectMember("fields") { json in
      for field in difference.fields {
        json.key(field.path)
        json.object { write(field, isRestarted: isRestarted, to: &$0) }
      }
    }
    json.objectMember("rows") { json in
      for rows in difference.rows {
        json.key(rows.path)
        json.object { write(rows, to: &$0) }
      }
    }
  }

  private func write(_ field: Difference.Field, isRestarted: Bool, to json: inout JSONWriter) {
    json.key("from")
    (field.from ?? .null).write(to: &json)
    json.key("to")
    (field.to ?? .null).write(to: &json)
    guard let from = field.from?.double, let to = field.to?.double else { return }
    // Whole numbers beyond 2^53 are no longer themselves as a Double.
    if let before = field.from?.uint64, let after = field.to?.uint64 {
      if field.isCounter, isRestarted || after < before { return }
      json.key("difference")
      json.raw(((after < before ? "-" : "") + String(after < before ? before - after : after - before)).utf8)
    } else {
      if field.isCounter, isRestarted || to < from { return }
      json.member("difference", to - from)
    }
    if field.isCounter, let seconds = span?.seconds, seconds > 0 { json.member("rate", ((to - from) / seconds * 100).rounded() / 100) }
  }

  private func write(_ rows: Difference.Rows, to json: inout JSONWriter) {
    json.arrayMember("appeared") { json in for row in rows.appeared { row.write(to: &json) } }
    json.arrayMember("vanished") { json in for row in rows.vanished { row.write(to: &json) } }
    json.arrayMember("changed") { json in
      for row in rows.changed {
        json.object { json in
          json.key("key")
          row.key.write(to: &json)
          json.member("restarted", ifTrue: row.isRestarted)
          write(row.difference, isRestarted: row.isRestarted, to: &json)
        }
      }
    }
  }
}
