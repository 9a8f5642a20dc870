import Reactor
import Wire

/// One connection's way through its requests: one is answered at a time, and what was pipelined behind it waits as
/// bytes, so that responses leave in the order of their requests whatever completes first.
///
/// Responses, deadlines and resting have files of their own.
final class HTTPConnection: ConnectionHandler, @unchecked Sendable {
  // Sendable by confinement: all mutable state is touched on the shard's queue only.

  enum Phase {
    /// Between requests, or inside a request's head.
    case head
    case body
    /// The handler has the request, or its response is still being fed to the connection.
    case answering
    /// Nothing more is read or answered.
    case ending
  }

  let connection: Connection
  let server: HTTPServer
  let context: HTTPShardContext
  let listener: HTTPListener
  var shard: Shard { connection.shard }
  var limits: HTTPLimits { server.configuration.limits }

  var phase = Phase.head
  /// The request being answered, counted from 1.
  var sequence: UInt64 = 0
  var request: HTTPRequest?
  var requestEnd = MonotonicTime.origin
  /// What is left of a large response body.
  var rest: (bytes: [UInt8], offset: Int)?
  var stream: HTTPStream?
  /// Whether there was one of these since the request began: nearly all have none, and letting go of nothing twice a request is not free.
  var isFollowed = false
  var status = 0
  var bodyBytes = 0
  var isFeeding = false
  /// Whether the connection goes on after the response that is being fed or streamed.
  var restKeepsOpen = false
  /// Bytes ever written, for the minimum rate.
  var written = 0
  var takenAtCheck = 0

  private let handler: HTTPHandler
  /// Of its peer's address.
  private let load: AddressLoad
  let restingAtAddress: RestingConnections
  private(set) var info: HTTPConnectionInfo
  private var parser: HTTPRequestParser
  private(set) var reader: HTTPBodyReader?
  private var readerHead: HTTPRequestHead?
  var bodyAtCheck = 0
  /// Bytes that could not be used yet.
  private(set) var waiting: [UInt8] = []
  private var isProcessing = false
  private(set) var isHeldBack = false
  private var isPaused = false
  private var isInputEnded = false
  private(set) var isInsideHead = false
  private var isFirstByte = true
  /// What TLS was begun with: a reload may have given the listener another context by the time that the handshake ends.
  private var tlsContext: TLSContext?
  /// Where it stands among those that rest, on its shard and at its address.
  let shardPlace = RestPlace()
  let addressPlace = RestPlace()

  init(_ connection: Connection, load: AddressLoad, listener: HTTPListener, server: HTTPServer, context: HTTPShardContext) {
    self.connection = connection
    self.listener = listener
    self.server = server
    self.context = context
    handler = listener.handler
    self.load = load
    restingAtAddress = load.resting[context.index]
    info = HTTPConnectionInfo(peer: connection.peer, listener: listener, load: load)
    parser = HTTPRequestParser(limits: server.configuration.limits)
    shardPlace.connection = self
    addressPlace.connection = self
  }

  func start(refusing: Bool) {
    context.add(self)
    connection.start(self)
    connection.deadline = shard.now + .seconds(limits.idleTime)
    if refusing || context.isStopping {
      return refuse(HTTPRequestError(.tooManyConnections, "there are as many connections already as may be"))
    }
    beginResting()
  }

  // MARK: Bytes in

  func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
    if isFirstByte {
      isFirstByte = false
      if let tls = listener.tls, connection.tls == nil { return beginTLS(tls, bytes) }
    }
    if phase == .head, waiting.isEmpty, !isHeldBack {
      let used = process(bytes)
      if used < bytes.count, phase != .ending { waiting.append(contentsOf: bytes[used...]) }
    } else {
      guard phase != .ending else { return }
      waiting.append(contentsOf: bytes)
      if phase == .answering || isHeldBack {
        if waiting.count > limits.pipelinedBytes { pause() }
      } else {
        processWaiting()
      }
    }
  }

  private func beginTLS(_ tls: TLSContext, _ bytes: UnsafeRawBufferPointer) {
    // A TLS record of a handshake begins with 22; plain HTTP begins with a letter.
    guard bytes[0] == 22 else {
      return refuse(HTTPRequestError(.plainHTTP, "this port speaks HTTPS"))
    }
    connection.deadline = shard.now + .seconds(limits.headTime)
    do throws(TLSError) {
      tlsContext = tls
      connection.startTLS(try tls.makeEngine(), alreadyRead: bytes)
    } catch {
      connection.close()
    }
  }

  func connectionSecured(_ connection: Connection) {
    info = HTTPConnectionInfo(
      peer: connection.peer, listener: listener, load: load, tls: connection.tls.map { ($0, tlsContext) })
    connection.deadline = shard.now + .seconds(limits.idleTime)
  }

  /// Takes up what was left waiting, as far as it goes.
  func processWaiting() {
    guard !isProcessing, !waiting.isEmpty, phase == .head || phase == .body else { return }
    isHeldBack = false
    let bytes = waiting
    waiting = []
    let used = bytes.withUnsafeBytes { process($0) }
    guard phase != .ending else { return }
    waiting = used == 0 ? bytes : Array(bytes[used...])
    if waiting.count <= limits.pipelinedBytes { resume() }
  }

  private func pause() {
    guard !isPaused else { return }
    isPaused = true
    connection.pauseReading()
  }

  private func resume() {
    guard isPaused else { return }
    isPaused = false
    connection.resumeReading()
  }

  /// Serves the requests at the front of `bytes` until one is incomplete or has to wait; returns the bytes used.
  private func process(_ bytes: UnsafeRawBufferPointer) -> Int {
    isProcessing = true
    defer { isProcessing = false }
    var position = 0
    var served = 0
    while position < bytes.count || phase == .body, !connection.isClosed {
      let left = UnsafeRawBufferPointer(rebasing: bytes[position...])
      do throws(HTTPRequestError) {
        switch phase {
        case .head:
          // A peer that sends requests and takes no answers is not served further until it does.
          if connection.pendingBytes > limits.bodyPieceBytes {
            isHeldBack = true
            armWriteDeadline()
            return position
          }
          if served >= limits.pipelinedPerTurn {
            shard.run { [self] in processWaiting() }
            return position
          }
          guard let (head, count) = try parser.parse(left, like: context.lastHead) else {
            noteInsideHead()
            return position
          }
          context.lastHead = head
          served += 1
          position += count
          isInsideHead = false
          try begin(head, hasMore: position < bytes.count)
        case .body:
          guard try readBody(left, &position) else { return position }
        case .answering, .ending: return position
        }
      } catch {
        refuse(error)
        return bytes.count
      }
    }
    return position
  }

  private func noteInsideHead() {
    guard !isInsideHead else { return }
    isInsideHead = true
    connection.deadline = shard.now + .seconds(limits.headTime)
  }

  private func begin(_ head: HTTPRequestHead, hasMore: Bool) throws(HTTPRequestError) {
    if head.framing == .none { return dispatch(head, body: []) }
    let limit = server.configuration.bodyLimit?(head) ?? limits.bodyBytes
    reader = try HTTPBodyReader(head.framing, limit: limit, lineLimit: limits.chunkLineBytes)
    readerHead = head
    bodyAtCheck = 0
    phase = .body
    connection.deadline = shard.now + .seconds(limits.rateTime)
    // RFC 9110 section 10.1.1: 100 may be left out where the body is on its way already.
    if head.expectsContinue, !hasMore { connection.write("HTTP/1.1 100 Continue\r\n\r\n") }
  }

  /// True once the body is whole and the request on its way.
  private func readBody(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) throws(HTTPRequestError) -> Bool {
    guard var reader, let head = readerHead else { return false }
    self.reader = nil
    position += try reader.read(bytes)
    guard reader.isComplete else {
      self.reader = reader
      return false
    }
    readerHead = nil
    dispatch(head, body: reader.body)
    return true
  }

  private func dispatch(_ head: HTTPRequestHead, body: [UInt8]) {
    phase = .answering
    endResting()
    sequence += 1
    connection.deadline = .distantFuture
    let request = HTTPRequest(head: head, body: body, connection: info, id: server.nextID())
    self.request = request
    load.requestBegan()
    requestEnd = shard.now
    handler(
      request,
      HTTPResponder(
        connection: self, sequence: sequence, acceptEncoding: request.acceptsGzip, adjust: info.listener.adjust))
  }

  /// Whether the connection goes on after the response under way.
  var staysOpen: Bool {
    !context.isStopping && !(isInputEnded && waiting.isEmpty) && (request?.head.keepsAlive ?? false)
  }

  /// The response under way has been queued whole.
  func finished(keepsOpen: Bool) {
    if request != nil { load.requestEnded() }
    request = nil
    if isFollowed {
      isFollowed = false
      stream = nil
      rest = nil
    }
    guard !connection.isClosed else { return }
    guard keepsOpen else { return end() }
    phase = .head
    beginResting()
    connection.deadline = shard.now + .seconds(bodyBytes > 32_768 ? min(limits.writeStallTime, limits.idleTime) : limits.idleTime)
    guard !isProcessing else { return }
    if waiting.isEmpty { return resume() }
    processWaiting()
  }

  /// Nothing more is read; what is queued still goes out.
  func end() {
    phase = .ending
    endResting()
    waiting = []
    connection.closeAfterFlush()
  }

  // MARK: The end

  func connectionInputEnded(_ connection: Connection) -> Bool {
    // A peer may send its last request, close its sending half and wait for the answer (RFC 9112 section 9.6).
    guard stream == nil, phase == .answering || connection.pendingBytes > 0 else { return false }
    isInputEnded = true
    if phase != .answering { shard.run { [self] in end() } }
    return true
  }

  func connectionClosed(_ connection: Connection, cause: CloseCause) {
    phase = .ending
    let stream = stream
    self.stream = nil
    if request != nil { load.requestEnded() }
    request = nil
    rest = nil
    endResting()
    context.remove(self)
    server.connectionEnded(load)
    stream?.closed()
  }

  func serverStops() {
    switch phase {
    case .head where !isInsideHead: end()
    case .answering where stream?.isEndless == true: stream?.end()
    default: break
    }
  }

  func cut() { connection.cut() }
}
