import Compression
import Reactor
import Synchronization
import Wire

/// The way back for one request: complete it once, from any thread. Letting go of it without an answer is a 500.
public final class HTTPResponder: Sendable {
  private let connection: HTTPConnection
  private let sequence: UInt64
  private let acceptEncoding: Bool
  /// What the listener makes of every response; nil on most.
  private let adjust: HTTPAdjustment?
  private let isDone = Atomic<Bool>(false)
  /// Bodies up to this size are sent as they are.
  public static let compressionThreshold = 1_024

  init(connection: HTTPConnection, sequence: UInt64, acceptEncoding: Bool, adjust: HTTPAdjustment?) {
    self.adjust = adjust
    self.connection = connection
    self.sequence = sequence
    self.acceptEncoding = acceptEncoding
  }

  deinit {
    if isDone.load(ordering: .relaxed) { return }
    let (connection, sequence) = (connection, sequence)
    connection.shard.runNowOrLater {
      let error = HTTPRequestError(.unanswered, "no answer was made for this request")
      connection.send(connection.server.configuration.errorResponse(error), for: sequence)
    }
  }

  /// The shard that the connection lives on.
  public var shard: Shard { connection.shard }

  /// Sends a whole response. A second completion is ignored.
  public func respond(_ response: HTTPResponse) {
    guard !isDone.exchange(true, ordering: .relaxed) else { return }
    guard let adjust else { return send(response) }
    var adjusted = response
    adjust.apply(&adjusted)
    send(adjusted)
  }

  private func send(_ response: HTTPResponse) {
    if acceptEncoding, response.isCompressible, response.body.count > Self.compressionThreshold, !response.isBodiless {
      return respondCompressed(response)
    }
    complete(response)
  }

  private func complete(_ response: HTTPResponse) {
    let (connection, sequence) = (connection, sequence)
    if connection.shard.isCurrent {
      connection.send(response, for: sequence)
    } else {
      connection.shard.run { connection.send(response, for: sequence) }
    }
  }

  /// Compression takes long (some 20 ns a byte), so it happens on a worker.
  private func respondCompressed(_ response: HTTPResponse) {
    var encoded = response
    encoded.headers.append(HTTPHeader("Content-Encoding", "gzip"))
    encoded.gzippedBody = nil
    if let body = response.gzippedBody ?? response.sharedCompression?.body {
      encoded.body = body
      return complete(encoded)
    }
    let (connection, sequence) = (connection, sequence)
    let isTaken = WorkerQueue.shared.run { [encoded] in
      var outcome = response
      if let body = Gzip.compress(response.body), body.count < response.body.count {
        response.sharedCompression?.keep(body)
        outcome = encoded
        outcome.body = body
      }
      connection.shard.run { [outcome] in connection.send(outcome, for: sequence) }
    }
    // Where too much waits, the body leaves as it is.
    if !isTaken { complete(response) }
  }

  /// Begins a response whose body follows in pieces: chunked on HTTP/1.1, ended by the end of the connection on 1.0.
  ///
  /// - Parameters:
  ///   - head: Status, content type and fields; its body is not sent.
  ///   - endless: True for event streams, which a stopping server ends at once.
  ///   - transform: Changes each piece of the body.
  public func stream(
    _ head: HTTPResponse, endless: Bool = false, transform: (@Sendable ([UInt8]) -> [UInt8])? = nil
  ) -> HTTPStream {
    let stream = HTTPStream(shard: connection.shard, isEndless: endless, transform: transform)
    guard !isDone.exchange(true, ordering: .relaxed) else {
      stream.closed()
      return stream
    }
    let (connection, sequence) = (connection, sequence)
    connection.shard.runNowOrLater { connection.begin(stream, head, for: sequence) }
    return stream
  }

  /// The same with status 200.
  public func stream(contentType: String, headers: [HTTPHeader] = [], endless: Bool = false) -> HTTPStream {
    stream(HTTPResponse(contentType: contentType, headers: headers), endless: endless)
  }
}
