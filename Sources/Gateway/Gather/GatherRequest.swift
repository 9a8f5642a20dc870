import SystemAPI

/// What is asked of which servers: two requests with equal values share a gather.
struct GatherRequest: Hashable, Sendable {
  let subject: String
  let payload: String
  let scope: ServerScope
  /// Replies may be large; ask for them compressed where that is worth it.
  var compress = false
  /// One answer is all that is expected (`leader-only`).
  var firstAnswerEnds = false
  /// The releases that have the endpoint; older servers are listed as unsupported instead of being waited for.
  var since: [ServerVersion] = []
  /// `varz`, for pages and errors.
  let endpoint: String
  /// Where the reply keeps its document.
  var envelope = Endpoint.Envelope.data
  /// What of the reply's document is the answer; nil = all of it.
  var part: ReplyPart?
  /// The account that every connection in a reply has to be of; empty where that is not to be checked. A server that is asked for a
  /// connection by its `cid` hands it out whatever account it was asked about.
  var rowsOf = ""
  /// Set for requests whose reply differs for every asker.
  var distinct = 0

  /// Subject and payload tell nearly all requests apart; equality looks at the rest.
  func hash(into hasher: inout Hasher) {
    hasher.combine(subject)
    hasher.combine(payload)
  }
}
