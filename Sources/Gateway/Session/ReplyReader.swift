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
  /// Decompresses what was asked for compressed; nil for what cannot be decoded.
  static func plain(_ message: NATSMessage) -> [UInt8]? {
    guard let encoding = message.headers?["Content-Encoding"], encoding != "identity" else { return message.payload }
    return ContentDecoder.decode(message.payload, encoding: encoding)
  }

  /// - Returns: nil for what does not say whose it is, or is no reply at all.
  static func read(_ payload: [UInt8], _ form: QuestionForm, _ servers: ServerTable) -> ReadReply? {
    payload.withUnsafeBufferPointer { bytes -> ReadReply? in
      if form.envelope == .bare {
        guard let speaker = speaker(bytes, 0..<bytes.count, isPartial: true, servers) else { return nil }
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
      return ReadReply(speaker: speaker, payload: payload, serverRange: range, data: data, error: error)
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

  /// Server and beat of a heartbeat, a discovery's or a probe's answer, and where its `statsz` lies.
  static func beat(_ payload: [UInt8]) -> (server: ServerDescription, beat: Beat, statsz: Range<Int>?)? {
    payload.withUnsafeBufferPointer { bytes in
      guard let envelope = ReplyEnvelope(bytes), let range = envelope.server, let server = ServerDescription(bytes, range) else {
        return nil
      }
      guard let statsz = envelope.statsz else { return (server, Beat(countedServers: 0), nil) }
      let counted = JSONBytes.member("active_servers", bytes, statsz).flatMap { JSONBytes.integer(bytes, $0) }
      let leader = JSONBytes.member("jetstream", bytes, statsz).flatMap { JSONBytes.member("meta", bytes, $0) }
        .flatMap { JSONBytes.member("leader", bytes, $0) }.flatMap { JSONBytes.string(bytes, $0) }
      return (server, Beat(countedServers: counted ?? 0, metaLeader: leader ?? ""), statsz)
    }
  }

  /// Who speaks in an event.
  static func server(ofEvent payload: [UInt8]) -> ServerDescription? {
    payload.withUnsafeBufferPointer { bytes in
      JSONBytes.member("server", bytes, 0..<bytes.count).flatMap { ServerDescription(bytes, $0) }
    }
  }

  /// SHUTDOWN and LAMEDUCK carry the bare server object.
  static func server(ofGoodbye payload: [UInt8]) -> ServerDescription? {
    payload.withUnsafeBufferPointer { ServerDescription($0, 0..<$0.count) }
  }
}
