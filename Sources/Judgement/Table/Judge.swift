import Wire

/// What came of judging a system.
public struct Verdict: Sendable {
  public init() {}

  /// The worst first.
  public var findings: [Finding] = []
  /// Findings that are counted and not told, by the codes of their checks: too many of one.
  public var beyond: [(check: Check, count: Int)] = []
  /// Checks that could not be made, wholly or in part.
  public var unknown: [Unknown] = []
  /// Codes of checks that were made, and that tell by their silence about none of the things that were looked at.
  public var undecided: Set<String> = []
  /// Checks that were made.
  public var made = 0
}

/// Judges what is known. Pure: a system in, a verdict out.
public enum Judge {
  public static func judge(_ system: JudgedSystem, by checks: [Check] = CheckTable.all) -> Verdict {
    var verdict = Verdict()
    var system = system
    system.prepare(checks)
    var found: [Check.Found] = []
    for check in checks {
      let reasons = check.needs.compactMap(system.isUnknown) + system.lacks(check)
      if !reasons.isEmpty { verdict.unknown.append(Unknown(code: check.code, reasons: reasons)) }
      if !reasons.contains(where: \.isTotal) { found.append(Check.Found(check)) }
    }
    look(system, &found)
    verdict.made = found.count
    for found in found {
      verdict.findings += found.findings.map(system.distinct)
      if found.isUndecided { verdict.undecided.insert(found.check.code) }
      if found.beyond > 0 { verdict.beyond.append((found.check, found.beyond)) }
    }
    verdict.findings.sort {
      ($0.severity.rank, $0.subject.text, $0.code, $0.part) < ($1.severity.rank, $1.subject.text, $1.code, $1.part)
    }
    return verdict
  }

  /// What looks at each stream, and the place of its check. No tuple: closures in one are called by a way that copies all that they get.
  private struct OfStreams {
    let place: Int
    let judge: @Sendable (StreamFacts, JudgedSystem, (Fault) -> Void) -> Void
  }

  private struct OfConsumers {
    let place: Int
    let judge: @Sendable (ConsumerFacts, JudgedSystem) -> Fault?
  }

  private static func look(_ system: JudgedSystem, _ found: inout [Check.Found]) {
    var streams: [OfStreams] = []
    var consumers: [OfConsumers] = []
    for place in found.indices {
      switch found[place].check.look {
      case .whole(let judge): judge(system, &found[place])
      case .streams(let judge): streams.append(OfStreams(place: place, judge: judge))
      case .consumers(let judge): consumers.append(OfConsumers(place: place, judge: judge))
      }
    }
    // Each is taken out once, for all checks.
    for stream in system.jetStream.streams {
      for check in streams { check.judge(stream, system) { found[check.place].add($0, stream.subject) } }
    }
    for consumer in system.jetStream.consumers {
      for check in consumers {
        if let fault = check.judge(consumer, system) { found[check.place].add(fault, consumer.subject) }
      }
    }
  }
}

extension Unknown.Reason {
  /// Nothing at all can be said; else it can of those who have answered.
  var isTotal: Bool {
    switch self {
    case .notAsked, .notKept, .notKeptThen, .unansweredThen, .notConnected, .tooShort: true
    // Of those that were declared something can be said though nobody was seen.
    case .unanswered(let need, _): need != .roster && need != .heard
    case .silent, .silentThen, .heardSince, .givenUp, .namesakes: false
    }
  }
}
