/// What the operator decides about requests. Times are in seconds.
struct RequestSettings: Sendable {
  /// How long an answer may take, where the request does not say.
  var timeout = 2.0
  /// The longest time a request may ask for.
  var maxTimeout = 30.0
  /// Answers this young are reused for everybody; 0 = only where a request asks for it.
  var maxAge = 0.0
  /// Rows of a merged answer, at most.
  var maxRows = 100_000
  /// Large replies are asked for compressed.
  var asksForCompression = false
}
