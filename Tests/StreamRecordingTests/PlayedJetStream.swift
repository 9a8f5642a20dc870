import Foundation
import NATSClient
import Recording
import Synchronization
import TestSupport
import Testing
import Wire

@testable import StreamRecording

/// Something that answers JetStream's questions as a test says, on a real server: what a real one does only with very much data, or never.
final class PlayedJetStream {
  static let prefix = "PLAYED.API"

  let bed: RecordBed
  let connection: StreamConnection
  let api: StreamAPI
  private let asked = Asked()

  private final class Asked: Sendable {
    let subjects = Mutex<[String]>([])
  }

  /// What it was asked, as subjects without the prefix.
  var questions: [String] { asked.subjects.withLock { $0 } }

  /// - Parameter answer: From a subject without the prefix and what was asked to the answer, headers and payload; nil for silence.
  init(_ answer: @escaping @Sendable (_ subject: String, _ question: JSONValue) -> (headers: String?, payload: String)?) throws {
    bed = try RecordBed()
    let place = try RecordBed.place(bed.server.port) { $0.apiPrefix = PlayedJetStream.prefix }
    connection = StreamConnection(place.client, log: RecordBed.quiet)
    api = StreamAPI(place, connection)
    let player = try RawNATS(port: bed.server.port, user: "record", password: "r")
    try player.subscribe(PlayedJetStream.prefix + ".>")
    try player.flush()
    Thread { [asked] in
      // It ends with the server.
      while let message = try? player.next() {
        let subject = String(message.subject.dropFirst(PlayedJetStream.prefix.count + 1))
        asked.subjects.withLock { $0.append(subject) }
        let question = (try? JSONValue(parsing: message.payload)) ?? .null
        guard let reply = message.reply, let (headers, payload) = answer(subject, question) else { continue }
        try? player.publish(reply, payload, headers: headers)
      }
    }.start()
  }

  deinit { connection.close() }

  static func information(last: Int, more: String = "", subjects: [String] = []) -> String {
    let named = subjects.map { "\"\($0)\":1" }.joined(separator: ",")
    return """
      {"config":{"name":"NATSIGHT","subjects":["NATSIGHT.>"],"allow_direct":true},"created":"then",\(more)
      "state":{"first_seq":1,"last_seq":\(last),"bytes":1,"subjects":{\(named)}}}
      """
  }

  /// The answer to a direct get: the head of an epoch.
  static func head(_ minute: Int, at sequence: Int, subject: String? = nil) -> (headers: String?, payload: String) {
    let epoch = RecordBed.epoch(minute)
    let head = EpochHead(epoch.header, contents: MessageRun(sequences: [1], size: 1), restsOn: 1)
    let subject = subject ?? "NATSIGHT.epoch.\(epoch.header.number)"
    return ("Nats-Subject: \(subject)\r\nNats-Sequence: \(sequence)", String(decoding: head.bytes, as: UTF8.self))
  }
}
