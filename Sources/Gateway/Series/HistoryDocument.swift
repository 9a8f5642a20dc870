import Series
import Wire

/// The answer that the steps become.
struct HistoryDocument {
  let question: HistoryQuestion
  let found: HistoryReading.Found
  let now: Timestamp

  var bytes: [UInt8] {
    let grid = found.grid
    var json = JSONWriter(capacity: found.rows.count * question.places.count * grid.count * 24 + 1024)
    json.object { json in
      json.member("now", now.rfc3339)
      json.member("source", "record")
      json.member("kind", question.kind.rawValue)
      json.member("since", Timestamp(milliseconds: grid.since).rfc3339)
      json.member("until", Timestamp(milliseconds: grid.until).rfc3339)
      json.member("step", grid.step / 1000)
      json.member("fields", question.places.map { question.kind.fields[$0].name })
      json.member("left_out", found.leftOut)
      json.member("not_recorded", found.unrecorded)
      json.key("times")
      json.array { json in for step in 0..<grid.count { json.integer((grid.begin + Int64(step) * grid.step) / 1000) } }
      json.key("rows")
      json.array { json in
        for row in found.rows { json.object { write(row.entity, row.steps, to: &$0) } }
      }
    }
    return json.bytes + [0x0A]
  }

  private func write(_ entity: String, _ steps: SeriesSteps, to json: inout JSONWriter) {
    let parts = SeriesEntity.parts(entity)
    for (name, value) in zip(question.kind.parts, parts) {
      json.key(name)
      json.string(value)
    }
    switch question.kind.home {
    case .cluster: json.member("cluster", unlessEmpty: parts.last ?? "")
    case .domain: json.member("domain", unlessEmpty: SeriesEntity.domain(ofPlace: parts.last ?? ""))
    }
    json.key("restarts")
    json.array { json in for time in steps.restarts { json.double(Double(time) / 1000) } }
    if question.kind.isReplicated { write(steps.tellers, to: &json) }
    json.key("values")
    json.object { json in
      for (place, cells) in zip(question.places, steps.cells) {
        let field = question.kind.fields[place]
        json.key(field.name)
        json.object { write(field, cells, to: &$0) }
      }
    }
  }

  /// Who led, from when on.
  private func write(_ leaders: [SeriesSteps.Teller], to json: inout JSONWriter) {
    json.key("leaders")
    json.array { json in
      for leader in leaders {
        json.object { json in
          json.member("at", Double(leader.time) / 1000)
          json.key("server")
          if leader.server.isEmpty { json.null() } else { json.string(leader.server) }
          json.member("cluster", unlessEmpty: leader.cluster)
        }
      }
    }
  }

  private func write(_ field: SeriesField, _ cells: [SeriesCell?], to json: inout JSONWriter) {
    func column(_ name: StaticString, _ value: (SeriesCell) -> Double?) {
      json.key(name)
      json.array { json in
        for cell in cells { if let value = cell.flatMap(value) { json.double((value * 1000).rounded() / 1000) } else { json.null() } }
      }
    }
    column("min", \.min)
    column("mean", \.mean)
    column("max", \.max)
    column("last", \.last)
    guard field.measure == .counter else { return }
    column("rate", \.rate)
    column("rate_min") { $0.covered > 0 ? $0.slowest : nil }
    column("rate_max") { $0.covered > 0 ? $0.fastest : nil }
  }
}
