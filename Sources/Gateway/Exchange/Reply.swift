import SystemAPI
import SystemModel
import Wire

/// One server's reply.
struct Reply: Sendable {
  let server: ServerDescription
  /// For the `cid`s of merged rows; nil where the server has none.
  let ordinal: Ordinal?
  let payload: [UInt8]
  /// Ranges within `payload`.
  let serverRange: Range<Int>?
  let data: Range<Int>?
  let error: ReplyError?
  let rtt: Span

  /// The same, said of a whole reply or of a part of it.
  func with(payload: [UInt8], serverRange: Range<Int>?, data: Range<Int>) -> Reply {
    Reply(server: server, ordinal: ordinal, payload: payload, serverRange: serverRange, data: data, error: nil, rtt: rtt)
  }
}
