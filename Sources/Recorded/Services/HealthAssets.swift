import SystemAPI
import Wire

/// The account, stream or consumer whose health was asked about.
struct HealthAssets {
  let account: String
  let stream: String
  let consumer: String

  init(_ payload: RequestPayload) {
    account = payload.string("account")
    stream = payload.string("stream")
    consumer = payload.string("consumer")
  }

  var isNarrow: Bool { !account.isEmpty }

  /// What has to be named too.
  var missingOption: (option: String, checked: String)? {
    if account.isEmpty, !stream.isEmpty { return ("account", "stream") }
    if stream.isEmpty, !consumer.isEmpty { return ("stream", "consumer") }
    return nil
  }

  func concerns(_ problem: HealthProblems.Problem) -> Bool {
    guard problem.account == account else { return false }
    guard stream.isEmpty || problem.stream.isEmpty || problem.stream == stream else { return false }
    return consumer.isEmpty || problem.consumer.isEmpty || problem.consumer == consumer
  }

  /// What of it there was not on this server, as JetStream's own document tells; nil where all of it was there.
  func absent(_ documents: RecordedDocuments) throws(Obstacle) -> HealthReply.Problem? {
    let jsz = Document(.jsz, try documents.document(.jsz))
    let places = try jsz.members("account_details", "meta_cluster", "disabled")
    // Without JetStream nobody looks for them.
    if jsz.isTrue("disabled") { return nil }
    let isClustered = places[1] != nil
    let all = jsz.elements(places[0])
    guard all.count >= jsz.integer("accounts") ?? 0 else {
      throw .notRecorded(.rows(.jsz, kept: all.count, of: jsz.integer("accounts") ?? 0))
    }
    let row = all.first { jsz.string("id", in: $0) == account }
    let streams = row.map { jsz.elements(jsz.member("stream_detail", in: $0)) } ?? []
    if streams.isEmpty {
      // Streams of the account may be elsewhere in the cluster, and an account without streams may have a folder.
      guard row == nil, !isClustered else { throw .notRecorded(.parameter(.healthz, name: "account", value: account)) }
      return problem(.account, "account \(GoQuote.quoted(account)) not found")
    }
    guard !stream.isEmpty else { return nil }
    guard let own = streams.first(where: { jsz.string("name", in: $0) == stream }) else {
      return problem(.stream, "stream \(GoQuote.quoted(stream)) not found on account \(GoQuote.quoted(account))")
    }
    guard !consumer.isEmpty else { return nil }
    let consumers = jsz.elements(jsz.member("consumer_detail", in: own)) + jsz.elements(jsz.member("direct_consumer_detail", in: own))
    if consumers.contains(where: { jsz.string("name", in: $0) == consumer }) { return nil }
    return problem(
      .consumer,
      "consumer \(GoQuote.quoted(consumer)) not found for stream \(GoQuote.quoted(stream)) on account \(GoQuote.quoted(account))")
  }

  private func problem(_ kind: HealthProblems.Kind, _ text: String) -> HealthReply.Problem {
    HealthReply.Problem(
      code: 404, kind: kind, account: account, stream: kind == .account ? "" : stream, consumer: kind == .consumer ? consumer : "",
      text: "JetStream " + text)
  }
}
