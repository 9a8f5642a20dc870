import NATSClient
import Wire

/// A message as a stream keeps it.
struct StreamMessage: Equatable {
  let subject: String
  let sequence: Int
  let payload: [UInt8]

  /// Reads the reply to a direct get: the message itself, with its place in headers. nil where it is none.
  init?(direct message: NATSMessage) {
    guard let headers = message.headers, headers.status == nil, let subject = headers["Nats-Subject"],
      let sequence = StreamMessage.sequence(headers["Nats-Sequence"].flatMap({ Int($0) }))
    else { return nil }
    self.subject = subject
    self.sequence = sequence
    payload = message.payload
  }

  /// Reads the reply to `STREAM.MSG.GET`: JSON, with the message in base 64. nil where it is none.
  init?(stored answer: JSONValue) {
    guard let message = answer["message"], let subject = message["subject"]?.string,
      let sequence = StreamMessage.sequence(message["seq"]?.int),
      let payload = Base64.decode(message["data"]?.string ?? "")
    else { return nil }
    self.subject = subject
    self.sequence = sequence
    self.payload = payload
  }

  /// A place in a stream, as servers count; nil for what is none.
  static func sequence(_ number: Int?) -> Int? { number.flatMap { (0..<1 << 60).contains($0) ? $0 : nil } }
}

/// Which message is asked for.
enum StreamMessageKey: Equatable {
  case sequence(Int)
  case last(subject: String)
  /// The first one of a subject, wildcards allowed, that stands at a sequence or behind it.
  case next(subject: String, from: Int)

  var request: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      switch self {
      case .sequence(let sequence): json.member("seq", sequence)
      case .last(let subject): json.member("last_by_subj", subject)
      case .next(let subject, let from):
        json.member("seq", from)
        json.member("next_by_subj", subject)
      }
    }
    return json.bytes
  }
}

/// Where a published message stands.
struct PublishedPlace: Equatable {
  let sequence: Int
  /// A message of the same id was there already, at this place.
  let isDuplicate: Bool
}
