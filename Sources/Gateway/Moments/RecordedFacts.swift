import Judgement
import SystemModel
import Wire

/// What had been heard of servers by a recorded moment, within the window that was judged then.
struct RecordedFacts: ServerFactsReader {
  let kept: [ServerID: ServerFacts]
  let window: Span?
  let heardSince: Timestamp?

  var recordTrouble: RecordTrouble? { nil }
  var notifyTroubles: [NotifyTrouble] { [] }
  var streams: StreamMemory? { nil }

  func facts(since: Timestamp) -> [ServerID: ServerFacts] { kept }
}
