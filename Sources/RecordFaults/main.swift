// Writes epochs into a record as fast as it can, for tests that kill it: each number that is stored is a line on standard output, and why one
// was not a line on standard error. It goes on until it is ended.
//
// usage: natsight-record-faults FOLDER|nats://USER:PASSWORD@HOST:PORT FIRST

import Glibc
import Logging
import NATSClient
import Recording
import StreamRecording
import TestSupport
import Wire

func say(_ line: String, _ descriptor: Int32) {
  let bytes = Array((line + "\n").utf8)
  _ = write(descriptor, bytes, bytes.count)
}

func open(_ place: String) throws -> any RecordStore {
  guard place.contains("://") else { return try SQLiteRecordStore(folder: place) }
  var options = ClientOptions()
  options.servers = [try ServerURL(place)]
  return try JetStreamRecordStore(StreamPlace(client: options), log: Logger(label: "faults") { _ in SwiftLogNoOpLogHandler() })
}

func epoch(_ number: Int) -> Epoch {
  let at = Timestamp(seconds: Int64(number) * 60)
  let documents = KilledRecord.servers.map { server in
    RecordedDocument(.init(server: server, document: "connz"), bytes: KilledRecord.document(number, server), rtt: .zero)
  }
  let header = EpochHeader(
    number: number, began: at, at: at, expected: documents.count, responded: documents.count, missing: 0, documents: ["connz"])
  return Epoch(header, beliefs: KilledRecord.beliefs(number), documents: documents)
}

guard CommandLine.arguments.count == 3, let first = Int(CommandLine.arguments[2]) else {
  say("usage: natsight-record-faults FOLDER|nats://USER:PASSWORD@HOST:PORT FIRST", STDERR_FILENO)
  exit(2)
}
do {
  let store = try open(CommandLine.arguments[1])
  var number = first
  while true {
    do throws(RecordError) {
      _ = try store.write(epoch(number))
      say("\(number)", STDOUT_FILENO)
      number += 1
    } catch {
      say("\(error)", STDERR_FILENO)
      usleep(20_000)
    }
  }
} catch {
  say("\(error)", STDERR_FILENO)
  exit(1)
}
