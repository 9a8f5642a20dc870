import Judgement
import Wire

/// Something that was wrong for a time, or that happened, over the recorded moments of a span.
enum Incident: Sendable, Equatable {
  case finding(FindingInterval)
  case transition(Transition)

  /// When it began: what incidents are ordered by.
  var began: Timestamp {
    switch self {
    case .finding(let interval): interval.opened
    case .transition(let transition): transition.at
    }
  }

  var code: String {
    switch self {
    case .finding(let interval): interval.last.finding.code
    case .transition(let transition): transition.kind.rawValue
    }
  }

  /// The worst that it was.
  var severity: Finding.Severity {
    switch self {
    case .finding(let interval): interval.worst
    case .transition(let transition): transition.kind.severity
    }
  }

  var subject: String {
    switch self {
    case .finding(let interval): interval.last.finding.subject
    case .transition(let transition): transition.subject
    }
  }
}

/// A finding, from when it was found first until it was found no more.
struct FindingInterval: Sendable, Equatable {
  /// How it stood at one epoch.
  struct Sight: Sendable, Equatable {
    var epoch: Int
    var at: Timestamp
    var finding: Finding
  }

  /// The first epoch that has it, which may lie before the span.
  var opened: Timestamp
  /// The epoch before that, at which it was not there; nil where it lies before the span, or was not judged.
  var openedAfter: Timestamp?
  /// The first epoch that does not have it any more; nil where the last one of the span has it.
  var closed: Timestamp?
  var worst: Finding.Severity
  /// Of the span.
  var first: Sight
  var last: Sight
  /// Epochs of the span that have it.
  var epochs = 1
  /// Times without a record, while it lasted.
  var gaps = 0
}

/// A time of which nothing was recorded, between two epochs.
struct RecordGap: Sendable, Equatable {
  var from: Timestamp
  var to: Timestamp
}

extension Incident {
  func write(to json: inout JSONWriter) {
    switch self {
    case .finding(let interval):
      json.member("kind", "finding")
      interval.write(to: &json)
    case .transition(let transition):
      json.member("kind", "transition")
      transition.write(to: &json)
    }
  }
}

extension FindingInterval {
  fileprivate func write(to json: inout JSONWriter) {
    let finding = last.finding
    json.member("code", finding.code)
    json.member("severity", worst.rawValue)
    json.member("opened", opened.rfc3339)
    json.key("opened_after")
    if let openedAfter { json.string(openedAfter.rfc3339) } else { json.null() }
    json.key("closed")
    if let closed { json.string(closed.rfc3339) } else { json.null() }
    json.member("subject", finding.subject)
    json.member("server", unlessEmpty: finding.server)
    json.member("cluster", unlessEmpty: finding.cluster)
    json.member("account", unlessEmpty: finding.account)
    json.member("stream", unlessEmpty: finding.stream)
    json.member("aspect", unlessEmpty: finding.aspect)
    json.member("epochs", epochs)
    json.member("gaps", unlessZero: gaps)
    json.objectMember("first") { first.write(to: &$0) }
    json.objectMember("last") { last.write(to: &$0) }
    json.member("link", finding.link)
  }
}

extension FindingInterval.Sight {
  fileprivate func write(to json: inout JSONWriter) {
    json.member("epoch", epoch)
    json.member("at", at.rfc3339)
    json.member("severity", finding.severity.rawValue)
    json.member("sentence", finding.sentence)
    json.key("evidence")
    finding.writeEvidence(to: &json)
  }
}
