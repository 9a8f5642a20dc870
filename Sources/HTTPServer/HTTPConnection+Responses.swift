import Logging
import Reactor
import Wire

// Everything here is called on the shard's queue.
extension HTTPConnection {
  /// Answers what cannot be served and ends the connection, since where the next request begins is not known.
  func refuse(_ error: HTTPRequestError) {
    guard phase != .ending, !connection.isClosed else { return }
    server.configuration.logger.debug(
      "refused", metadata: ["peer": "\(connection.peer.host)", "status": "\(error.status)", "reason": "\(error.description)"])
    var response = server.configuration.errorResponse(error)
    if response.status == 405, !response.headers.contains(where: { $0.name == "Allow" }) {
      response.headers.append(HTTPHeader("Allow", server.configuration.allowedMethods))
    }
    writeHead(response, length: response.body.count, isChunked: false, keepsOpen: false)
    write(response.body[...])
    end()
  }

  /// Sends a whole response to the request of that number; ignored where it is not the one under way.
  func send(_ response: HTTPResponse, for sequence: UInt64) {
    shard.assertCurrent()
    guard phase == .answering, sequence == self.sequence, stream == nil, rest == nil, let request else { return }
    let keepsOpen = staysOpen && !response.closesConnection
    status = response.status
    let hasBody = request.method != .head && !response.isBodiless
    bodyBytes = hasBody ? response.body.count : 0
    writeHead(response, length: response.isBodiless ? nil : response.body.count, isChunked: false, keepsOpen: keepsOpen)
    guard hasBody else { return complete(keepsOpen) }
    if response.body.count <= limits.bodyPieceBytes {
      write(response.body[...])
      return complete(keepsOpen)
    }
    rest = (response.body, 0)
    isFollowed = true
    restKeepsOpen = keepsOpen
    armWriteDeadline()
    feed()
  }

  private func complete(_ keepsOpen: Bool) {
    if let observer = server.configuration.observer, let request {
      observer(
        HTTPExchange(request: request, status: status, bodyBytes: bodyBytes, duration: MonotonicClock.now() - requestEnd))
    }
    finished(keepsOpen: keepsOpen)
  }

  func writeHead(_ response: HTTPResponse, length: Int?, isChunked: Bool, keepsOpen: Bool) {
    var head = context.takeScratch()
    HTTPResponseHead.appendStatusLine(response.status, to: &head)
    context.appendDate(to: &head)
    if let prepared = response.prepared, length != nil {
      head.append(contentsOf: prepared)
    } else {
      HTTPResponseHead.appendFields(of: response, length: length, to: &head)
    }
    if isChunked { HTTPResponseHead.append("Transfer-Encoding: chunked\r\n", to: &head) }
    if !keepsOpen {
      HTTPResponseHead.append("Connection: close\r\n", to: &head)
    } else if request?.head.minorVersion == 0 {
      HTTPResponseHead.append("Connection: keep-alive\r\n", to: &head)
    }
    HTTPResponseHead.append("\r\n", to: &head)
    written += head.count
    head.withUnsafeBytes { connection.write($0) }
    context.giveBack(head)
  }

  private func write(_ bytes: ArraySlice<UInt8>) {
    written += bytes.count
    bytes.withUnsafeBytes { connection.write($0) }
  }

  /// Hands the next pieces of a large body over while the connection takes them at once.
  private func feed() {
    guard !isFeeding else { return }
    isFeeding = true
    defer { isFeeding = false }
    while let (bytes, offset) = rest, !connection.isClosed {
      guard connection.pendingBytes < limits.bodyPieceBytes else { return }
      let end = min(bytes.count, offset + limits.bodyPieceBytes)
      rest = end == bytes.count ? nil : (bytes, end)
      write(bytes[offset..<end])
    }
    if !connection.isClosed, phase == .answering { complete(restKeepsOpen) }
  }

  func connectionDrained(_ connection: Connection) {
    if let stream { return stream.drained() }
    if rest != nil { return feed() }
    if isHeldBack { processWaiting() }
  }

  // MARK: Streams

  func begin(_ stream: HTTPStream, _ response: HTTPResponse, for sequence: UInt64) {
    guard phase == .answering, sequence == self.sequence, self.stream == nil, rest == nil, let request else { return stream.closed() }
    let isChunked = request.head.minorVersion == 1
    restKeepsOpen = isChunked && staysOpen
    status = response.status
    bodyBytes = 0
    writeHead(response, length: nil, isChunked: isChunked, keepsOpen: restKeepsOpen)
    if request.method == .head {
      complete(restKeepsOpen)
      return stream.closed()
    }
    self.stream = stream
    isFollowed = true
    stream.attach(self)
    armWriteDeadline()
    if context.isStopping, stream.isEndless { end(stream) }
  }

  func write(_ bytes: [UInt8], to stream: HTTPStream) {
    guard self.stream === stream else { return }
    bodyBytes += bytes.count
    if request?.head.minorVersion == 1 {
      connection.write(Array(String(bytes.count, radix: 16).utf8) + [0x0D, 0x0A])
      write(bytes[...])
      connection.write("\r\n")
    } else {
      write(bytes[...])
    }
    stream.noteQueued(connection.pendingBytes)
    if connection.deadline == .distantFuture { armWriteDeadline() }
  }

  func write(_ piece: HTTPStreamPiece, to stream: HTTPStream) {
    guard self.stream === stream else { return }
    bodyBytes += piece.bytes.count
    let bytes = request?.head.minorVersion == 1 ? piece.chunk : piece.bytes
    written += bytes.count
    bytes.withUnsafeBytes { connection.writeThrough($0) }
    stream.noteQueued(connection.pendingBytes)
    if connection.deadline == .distantFuture { armWriteDeadline() }
  }

  func end(_ stream: HTTPStream) {
    guard self.stream === stream else { return }
    if request?.head.minorVersion == 1 { connection.write("0\r\n\r\n") }
    self.stream = nil
    complete(restKeepsOpen && !context.isStopping)
    stream.closed()
  }
}
