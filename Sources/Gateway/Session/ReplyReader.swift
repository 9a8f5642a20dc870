import Compression
import NATSClient
import SystemAPI
import SystemModel
import Wire

/// What a reply says, found in its bytes without knowing any server: a worker may find it.
struct ParsedReply: Sendable {
  let payload: [UInt8]
  /// Where its server describes itself, for readers of the answer.
  var serverRange: Range<Int>?
  var data: Range<Int>?
  var error: ReplyError?
  /// Where its server describes itself, for the gateway; nil where nothing could be understood.
  var speakerRange: Range<Int>?
  var isPartial = false

  /// The server that wrote this; one that is known well is found by its id alone.
  func speaker(_ servers: ServerTable) -> Speaker? {
    guard let range = speakerRange else { return nil }
    return payload.withUnsafeBufferPointer { bytes in
      if let idRange = ServerDescription.idRange(bytes, range),
        let known = servers.server(id: String(decoding: UnsafeBufferPointer(rebasing: bytes[idRange]), as: UTF8.self)), known.isWhole
      {
        return .known(known.ref)
      }
      return ServerDescription(bytes, range).map { .described($0, isPartial: isPartial) }
    }
  }
}

/// Reads replies as their question wants them read.
enum ReplyReader {
  /// The one encoding that is asked for, and taken.
  static let encoding = ContentEncoding.snappy
  /// Largest reply that is decompressed, in bytes of the result. Servers send some 60 MB for the connections of 100,000 clients.
  static let largest = 64 << 20

  /// The reply's document; nil where it is in an encoding that was not asked for, or cannot be decoded within the limit.
  static func plain(_ message: NATSMessage, _ form: QuestionForm, limit: Int = largest) -> [UInt8]? {
    guard let name = message.headers?["Content-Encoding"] else { return message.payload }
    switch ContentEncoding(contentEncoding: name) {
    case .identity: return message.payload
    case encoding where form.compress: return try? encoding.decode(message.payload, limit: limit)
    default: return nil
    }
  }

  /// Whether reading takes long enough for a worker: compressed ones of this size may unfold to some twenty times as much.
  static func isLong(_ message: NATSMessage) -> Bool {
    message.payload.count > longestHere || (message.payload.count > longestHere / 16 && message.headers != nil)
  }

  /// Bytes of a reply that the shard itself reads.
  private static let longestHere = 512 << 10

  /// - Returns: nil for what does not say whose it is, cannot be decoded, or is no reply at all.
  static func parse(_ message: NATSMessage, _ form: QuestionForm) -> ParsedReply? {
    plain(message, form).flatMap { parse($0, form) }
  }

  static func parse(_ payload: [UInt8], _ form: QuestionForm) -> ParsedReply? {
    payload.withUnsafeBufferPointer { bytes -> ParsedReply? in
      if form.envelope == .bare {
        guard (try? JSONScanner.validate(UnsafeRawBufferPointer(bytes))) != nil else { return nil }
        let whole = 0..<payload.count
        return ParsedReply(payload: payload, data: whole, speakerRange: whole, isPartial: true)
      }
      guard let envelope = ReplyEnvelope(bytes), let range = envelope.server else { return nil }
      var data = envelope.statsz ?? envelope.data
      var error = envelope.error.flatMap { ReplyError(bytes, $0) }
      if let part = form.part, let whole = data, error == nil {
        data = part.range(bytes, whole)
        if data == nil { error = part.absence(bytes, whole) }
      }
      // Readers who take the last of repeated names would read another server: they get what is known of this one.
      let serverRange = ServerDescription.isAmbiguous(bytes, range) ? nil : range
      return ParsedReply(payload: payload, serverRange: serverRange, data: data, error: error, speakerRange: range)
    }
  }

  /// Server and beat of a heartbeat, a discovery's or a probe's answer, where its `statsz` lies, and when it left by the server's clock.
  static func beat(_ payload: [UInt8]) -> (server: ServerDescription, beat: Beat, statsz: Range<Int>?, time: Timestamp?)? {
    payload.withUnsafeBufferPointer { bytes in
      guard let envelope = ReplyEnvelope(bytes), let range = envelope.server, let server = ServerDescription(bytes, range) else {
        return nil
      }
      let time = JSONBytes.member("time", bytes, range).flatMap { JSONBytes.string(bytes, $0) }.flatMap { Timestamp(rfc3339: $0) }
      guard let statsz = envelope.statsz else { return (server, Beat(countedServers: 0), nil, time) }
      let counted = JSONBytes.member("active_servers", bytes, statsz).flatMap { JSONBytes.integer(bytes, $0) }
      // Servers leave the name out where they know of no leader.
      let leader = JSONBytes.member("jetstream", bytes, statsz).flatMap { JSONBytes.member("meta", bytes, $0) }
        .map { JSONBytes.member("leader", bytes, $0).flatMap { JSONBytes.string(bytes, $0) } ?? "" }
      let start = JSONBytes.member("start", bytes, statsz).flatMap { JSONBytes.string(bytes, $0) }.flatMap { Timestamp(rfc3339: $0) }
      let age = time.flatMap { time in start.map { time - $0 } }
      return (server, Beat(countedServers: counted ?? 0, metaLeader: leader, age: age), statsz, time)
    }
  }

  /// Who speaks in an event.
  static func server(ofEvent payload: [UInt8]) -> ServerDescription? {
    payload.withUnsafeBufferPointer { bytes in
      ReplyEnvelope(bytes)?.server.flatMap { ServerDescription(bytes, $0) }
    }
  }

  /// SHUTDOWN and LAMEDUCK carry the bare server object.
  static func server(ofGoodbye payload: [UInt8]) -> ServerDescription? {
    payload.withUnsafeBufferPointer { ServerDescription(message: $0) }
  }
}
