/// Collects a request's body, bounded, from bytes as they arrive (RFC 9112 sections 6.2 and 7.1).
public struct HTTPBodyReader: Sendable {
  private enum State: Equatable { case length(Int), chunkSize, chunkData(Int), chunkEnd, trailers, done }

  private var state: State
  private let limit: Int
  private let lineLimit: Int
  private var trailerBytes = 0
  /// What has been collected; the whole body once ``isComplete``.
  public private(set) var body: [UInt8] = []

  /// - Parameters:
  ///   - framing: how the end is found.
  ///   - limit: most bytes of the decoded body.
  /// - Throws: 413 where the announced length is beyond the limit.
  public init(_ framing: HTTPBodyFraming, limit: Int, lineLimit: Int = HTTPLimits().chunkLineBytes) throws(HTTPRequestError) {
    self.limit = limit
    self.lineLimit = lineLimit
    switch framing {
    case .none: state = .done
    case .length(let count):
      state = count == 0 ? .done : .length(count)
      if count > limit { throw tooLarge }
      body.reserveCapacity(min(count, 65_536))
    case .chunked: state = .chunkSize
    }
  }

  /// True once the whole body has been read.
  public var isComplete: Bool { state == .done }

  private var tooLarge: HTTPRequestError {
    HTTPRequestError(.bodyTooLarge, "the request body may have \(limit) bytes at most")
  }

  /// Takes what belongs to the body from the front of `bytes`, and returns how many bytes that was. A line of a
  /// chunked body that has not ended is left for the next call.
  public mutating func read(_ bytes: UnsafeRawBufferPointer) throws(HTTPRequestError) -> Int {
    var position = 0
    while state != .done {
      switch state {
      case .length(let left):
        let count = take(bytes, &position, left)
        state = count == left ? .done : .length(left - count)
        if count < left { return position }
      case .chunkData(let left):
        let count = take(bytes, &position, left)
        state = count == left ? .chunkEnd : .chunkData(left - count)
        if count < left { return position }
      case .chunkSize, .chunkEnd, .trailers:
        guard let line = try line(bytes, &position) else { return position }
        try read(line: line, bytes)
      case .done: break
      }
    }
    return position
  }

  private mutating func take(_ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ left: Int) -> Int {
    let count = min(left, bytes.count - position)
    body.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)]))
    position += count
    return count
  }

  /// The line at `position` without its CR LF; nil while it has not ended.
  private func line(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) throws(HTTPRequestError) -> Range<Int>? {
    let end = min(bytes.count, position + lineLimit + 2)
    guard let newLine = (position..<end).first(where: { bytes[$0] == 0x0A }) else {
      // The longest line may be here already but for its line feed.
      if bytes.count - position > lineLimit + 1 { throw .malformed("a line of the chunked body is too long") }
      return nil
    }
    // RFC 9112 section 7.1: lines of a chunked body end with CR LF; a bare LF hides one request in another.
    guard newLine > position, bytes[newLine - 1] == 0x0D else { throw .malformed("a line of the chunked body has to end with CR LF") }
    defer { position = newLine + 1 }
    return position..<(newLine - 1)
  }

  private mutating func read(line: Range<Int>, _ bytes: UnsafeRawBufferPointer) throws(HTTPRequestError) {
    switch state {
    case .chunkSize:
      let size = try chunkSize(line, bytes)
      state = size == 0 ? .trailers : .chunkData(size)
    case .chunkEnd:
      guard line.isEmpty else { throw .malformed("a chunk is longer than its size says") }
      state = .chunkSize
    default:
      if line.isEmpty {
        state = .done
        return
      }
      trailerBytes += line.count
      guard trailerBytes <= lineLimit, line.allSatisfy({ HTTPCharacters.isFieldValue(bytes[$0]) }),
        line.contains(where: { bytes[$0] == UInt8(ascii: ":") })
      else { throw .malformed("the trailers of the chunked body are malformed or too long") }
    }
  }

  private func chunkSize(_ line: Range<Int>, _ bytes: UnsafeRawBufferPointer) throws(HTTPRequestError) -> Int {
    var size = 0
    var digits = 0
    for index in line {
      guard let digit = Hexadecimal.value(bytes[index]) else { break }
      digits += 1
      // RFC 9112 section 7.1: recipients must guard against chunk sizes that overflow.
      if digits > 15 { throw .malformed("the size of a chunk is out of range") }
      size = size << 4 | Int(digit)
    }
    let rest = line.dropFirst(digits)
    // RFC 9112 section 7.1.1: what follows a size is an extension, and begins with a semicolon.
    guard digits > 0, rest.isEmpty || bytes[rest.lowerBound] == UInt8(ascii: ";"),
      rest.allSatisfy({ HTTPCharacters.isFieldValue(bytes[$0]) })
    else { throw .malformed("a chunk begins with its size in hexadecimal digits") }
    if size > limit - body.count { throw tooLarge }
    return size
  }
}
