import HTTPServer
import Judgement
import Reactor
import SystemAPI
import SystemModel
import Wire

/// `/findings`: what is wrong, the worst first.
struct FindingsPage: Page {
  let description = PageDescription.findings
  let judge: SystemJudge
  let standard: Thresholds
  /// Keeps account of what is found; nil for a recorded moment.
  var watch: FindingWatch?
  /// What is known of a recorded moment instead.
  var kept: FindingLedger?

  func answer(_ page: PageRequest, _ exit: Exit) {
    var thresholds = standard
    let isDeep: Bool
    do throws(Refusal) {
      try thresholds.read(ParameterReader(page.query))
      try keepToWindow(&thresholds, page)
      isDeep = try ParameterReader(page.query).flag(FindingsParameters.deep) ?? false
    } catch {
      return exit.send(error.response)
    }
    watch?.want()
    // What is found of a part of the system, or by other thresholds, ends nothing.
    let counts = page.path.scope == .system && thresholds == standard
    judge.judge(page.path.scope, thresholds, page.request, isDeep: isDeep) {
      [watch, ledger = watch?.ledger ?? kept, mutes = watch?.mutes ?? MuteList()] result in
      switch result {
      case .failure(let refusal): exit.send(refusal.response)
      case .success(let judged):
        var ledger = ledger
        if counts, let watch {
          let round = FindingRound(judged)
          ledger?.take(round)
          watch.shard.run { watch.take(round, isDeep: isDeep) }
        }
        exit.send(.json(VerdictDocument.body(judged, ledger, mutes), headers: judged.completeness?.headers() ?? []))
      }
    }
  }

  /// What was heard of servers by a recorded moment is kept summed up, over the time that was looked back then.
  private func keepToWindow(_ thresholds: inout Thresholds, _ page: PageRequest) throws(Refusal) {
    guard let window = judge.heard.window else { return }
    let kept = Int(window.wholeSeconds) / 60
    guard ParameterReader(page.query).value("minutes") == nil || thresholds[.minutes] == kept else {
      throw Refusal(
        .notRecorded,
        "minutes=\(thresholds[.minutes]): what was heard of servers was recorded for the \(kept) minutes before the moment, and no other span"
      )
    }
    thresholds[.minutes] = kept
  }
}
