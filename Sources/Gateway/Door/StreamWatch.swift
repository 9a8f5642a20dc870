import HTTPServer

/// Who has to be told of an answer that begins to be written in pieces, and for whom it is.
struct StreamWatch: Sendable {
  let door: Door
  let admitted: AdmittedRequest
  let gate: ListenerGate
  /// Reviews of streams before the request was judged: a stream that begins after a later one has been missed by it.
  let reviews: UInt64

  func began(_ stream: HTTPStream) { door.watch(stream, admitted, gate, reviews: reviews) }
}
