import Logging
import NATSClient
import Recording
import TestSupport
import Testing
import Wire

@testable import StreamRecording

/// A real server with JetStream, and stores on it.
final class RecordBed {
  let server: RealServer

  init(_ configuration: String = RealServer.jetStreamConfiguration(), port: UInt16? = nil) throws {
    server = try RealServer(configuration, port: port)
  }

  static func place(_ port: UInt16, user: String = "record:r", _ change: (inout StreamPlace) -> Void = { _ in }) throws -> StreamPlace {
    var options = ClientOptions()
    options.servers = [try ServerURL("nats://\(user)@127.0.0.1:\(port)")]
    options.longestReconnectWait = 0.2
    var place = StreamPlace(client: options)
    change(&place)
    return place
  }

  static var quiet: Logger {
    var log = Logger(label: "test")
    log.logLevel = .critical
    return log
  }

  func store(user: String = "record:r", _ change: (inout StreamPlace) -> Void = { _ in }) throws -> JetStreamRecordStore {
    try JetStreamRecordStore(RecordBed.place(server.port, user: user, change), log: RecordBed.quiet)
  }

  func connection(user: String = "record:r") throws -> StreamConnection {
    StreamConnection(try RecordBed.place(server.port, user: user).client, log: RecordBed.quiet)
  }

  /// Asks JetStream for something.
  func api(_ subject: String, _ payload: String = "") throws -> JSONValue {
    let connection = try connection()
    defer { connection.close() }
    let message = try connection.ask(StreamQuestion(subject: "$JS.API.\(subject)", payload: Array(payload.utf8)), within: 10).get()
    return try JSONValue(parsing: message.payload)
  }

  static func time(_ minute: Int) -> Timestamp { Timestamp(seconds: 1_796_000_000 + Int64(minute) * 60) }

  /// A document that changes a little from minute to minute, and is another gateway's where `by` is.
  static func document(_ server: Int, _ minute: Int, rows: Int = 200, by: String = "") -> [UInt8] {
    let rows = (0..<rows).map { "{\"cid\":\($0),\"n\":\(($0 * 7919 + server) % 1013 + $0 * minute % 7)}" }.joined(separator: ",")
    return Array("{\"by\":\"\(by)\",\"server\":\(server),\"in_msgs\":\(minute * 1013),\"rows\":[\(rows)]}".utf8)
  }

  static func epoch(_ minute: Int, servers: Int = 2, rows: Int = 200, by: String = "") -> Epoch {
    let header = EpochHeader(
      number: 1000 + minute, began: time(minute) - .seconds(20), at: time(minute), expected: servers, responded: servers, missing: 0,
      documents: ["connz"])
    let documents = (0..<servers).map { server in
      RecordedDocument(.init(server: "S\(server)", document: "connz"), bytes: document(server, minute, rows: rows, by: by), rtt: .zero)
    }
    return Epoch(header, beliefs: Array("beliefs \(minute) \(by)".utf8), documents: documents)
  }

  /// Every epoch that is listed can be read, wholly.
  @discardableResult
  static func readsWholly(
    _ store: any RecordStore, rows: Int = 200, by: (Int) -> String? = { _ in "" }, _ place: SourceLocation = #_sourceLocation
  ) throws -> [Int] {
    let headers = try store.epochs(since: nil, until: nil, most: 1_000)
    for header in headers {
      let minute = header.number - 1000
      let found = try store.documents(ofEpoch: header.number, named: "connz").map(\.bytes)
      let beliefs = String(decoding: try store.beliefs(ofEpoch: header.number), as: UTF8.self)
      let writer = by(minute) ?? String(beliefs.split(separator: " ", omittingEmptySubsequences: false).last ?? "")
      #expect(beliefs == "beliefs \(minute) \(writer)", sourceLocation: place)
      #expect(found == [0, 1].map { document($0, minute, rows: rows, by: writer) }, "epoch \(minute)", sourceLocation: place)
    }
    return headers.map { $0.number - 1000 }
  }
}
