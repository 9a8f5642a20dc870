import Wire

/// What JetStream tells of a stream.
struct StreamInformation: Sendable, Equatable {
  var subjects: [String] = []
  var retention = ""
  var discard = ""
  /// Nanoseconds; zero or less is no limit, as below.
  var maxAge = 0
  var maxBytes = -1
  var maxMessageSize = -1
  var replicas = 1
  var allowsDirect = false
  /// A message may take the place of all that its subject held.
  var allowsRollup = false
  /// When it was made: one of the same name that was made anew is another one.
  var created = ""
  var firstSequence = 0
  var lastSequence = 0
  var bytes = 0
  /// The subjects that are there, where they were asked for; in no order.
  var found: [String] = []
  /// How many there are: `found` may be some of them.
  var total = 0

  init() {}

  /// nil for what is no such answer.
  init?(_ answer: JSONValue) {
    guard let config = answer["config"], let state = answer["state"] else { return nil }
    subjects = config["subjects"]?.elements?.compactMap(\.string) ?? []
    retention = config["retention"]?.string ?? ""
    discard = config["discard"]?.string ?? ""
    maxAge = config["max_age"]?.int ?? 0
    maxBytes = config["max_bytes"]?.int ?? -1
    maxMessageSize = config["max_msg_size"]?.int ?? -1
    replicas = config["num_replicas"]?.int ?? 1
    allowsDirect = config["allow_direct"]?.bool ?? false
    allowsRollup = config["allow_rollup_hdrs"]?.bool ?? false
    created = answer["created"]?.string ?? ""
    firstSequence = StreamMessage.sequence(state["first_seq"]?.int) ?? 0
    lastSequence = StreamMessage.sequence(state["last_seq"]?.int) ?? 0
    bytes = state["bytes"]?.int ?? 0
    found = state["subjects"]?.members?.map(\.name) ?? []
    total = answer["total"]?.int ?? found.count
  }
}
