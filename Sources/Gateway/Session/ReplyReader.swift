import Compression
import NATSClient
import SystemAPI
import SystemModel
import Wire

/// What a reply says, found in its bytes.
struct ReadReply {
  let speaker: Speaker
  let payload: [UInt8]
  let serverRange: Range<Int>?
  let data: Range<Int>?
  let error: ReplyError?
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

  /// - Returns: nil for what does not say whose it is, or is no reply at all.
  static func read(_ payload: [UInt8], _ form: QuestionForm, _ servers: ServerTable) -> ReadReply? {
    payload.withUnsafeBufferPointer { bytes -> ReadReply? in
      if form.envelope == .bare {
        guard (try? JSONScanner.validate(UnsafeRawBufferPointer(bytes))) != nil,
          let speaker = speaker(bytes, 0..<bytes.count, isPartial: true, servers)
        else { return nil }
        return ReadReply(speaker: speaker, payload: payload, serverRange: nil, data: 0..<payload.count, error: nil)
      }
      guard let envelope = ReplyEnvelope(bytes), let range = envelope.server,
        let speaker = speaker(bytes, range, isPartial: false, servers)
      else { return nil }
      var data = envelope.statsz ?? envelope.data
      var error = envelope.error.flatMap { ReplyError(bytes, $0) }
      if let part = form.part, let whole = data, error == nil {
        data = part.range(bytes, whole)
        if data == nil { error = part.absence(bytes, whole) }
      }
      // Readers who take the last of repeated names would read another server: they get what is known of this one.
      let serverRange = ServerDescription.isAmbiguous(bytes, range) ? nil : range
      return ReadReply(speaker: speaker, payload: payload, serverRange: serverRange, data: data, error: error)
    }
  }

  /// The server that wrote this; one that is known well is found by its id alone.
  private static func speaker(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, isPartial: Bool, _ servers: ServerTable
  ) -> Speaker? {
    if let idRange = ServerDescription.idRange(bytes, range),
      let known = servers.server(id: String(decoding: UnsafeBufferPointer(rebasing: bytes[idRange]), as: UTF8.self)), known.isWhole
    {
      return .known(known.ref)
    }
    return ServerDescription(bytes, range).map { .described($0, isPartial: isPartial) }
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
      return (server, Beat(countedServers: counted ?? 0, metaLeader: leader), statsz, time)
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
