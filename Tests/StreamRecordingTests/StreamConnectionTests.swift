import Foundation
import NATSClient
import TestSupport
import Testing

@testable import StreamRecording

/// How long is waited, and who waits.
struct StreamConnectionTests {
  @Test func timeRunsAnewFromEachAnswer() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let slow = try RawNATS(port: bed.server.port, user: "record", password: "r")
    try slow.subscribe("slow")
    try slow.flush()
    Thread {
      // All of it takes twice as long as one answer may; the last question has none.
      for _ in 0..<8 {
        guard let message = try? slow.next(), let reply = message.reply else { return }
        usleep(500_000)
        try? slow.publish(reply, message.text)
      }
    }.start()
    let connection = try bed.connection()
    let questions = (0..<9).map { StreamQuestion(subject: "slow", payload: Array("\($0)".utf8)) }
    let answers = connection.ask(questions, within: 2)
    #expect(try answers.dropLast().map { String(decoding: try $0.get().payload, as: UTF8.self) } == (0..<8).map { "\($0)" })
    guard case .failure(.late)? = answers.last else {
      Issue.record("\(answers)")
      return
    }
    connection.close()
  }

  /// A server that takes connections and says nothing.
  @Test func nobodyWaitsForeverForAConnection() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    bed.server.process.freeze()
    let connection = try bed.connection()
    for _ in 0..<20 {
      guard case .failure = connection.ask(StreamQuestion(subject: "x"), within: 0.01) else {
        Issue.record("an answer")
        return
      }
    }
    #expect(connection.waitingCount() <= 1)
    bed.server.process.thaw()
    connection.close()
  }
}
