import Wire

extension FuzzTarget {
  /// HTTP requests, pipelined: the pieces in which they arrive make no difference, and every answer to a bad one is an HTTP status.
  public static let http = FuzzTarget(name: "http") { input in
    let whole = HTTPRun(input, pieces: .max).found
    for size in [1, 3, 8] {
      let pieces = HTTPRun(input, pieces: size).found
      if pieces != whole { return "in pieces of \(size): \(pieces), whole: \(whole)" }
    }
    return nil
  }
}

/// Reads requests as a server does: a head, its body, the next head.
private struct HTTPRun {
  private(set) var found: [String] = []
  private var held: [UInt8] = []
  private var parser = HTTPRequestParser(limits: HTTPRun.limits)
  private var body: HTTPBodyReader?

  /// Small where that makes no difference to pieces: a head that is too long is refused as soon as that is seen.
  private static var limits: HTTPLimits {
    var limits = HTTPLimits()
    limits.headerCount = 16
    limits.bodyBytes = 128
    limits.chunkLineBytes = 32
    return limits
  }

  init(_ input: [UInt8], pieces size: Int) {
    var start = 0
    do {
      while start < input.count {
        let end = size >= input.count - start ? input.count : start + size
        held += input[start..<end]
        while try step() {}
        start = end
      }
    } catch let error as HTTPRequestError {
      let plausible = (400...505).contains(error.status) && !error.description.isEmpty
      found.append(plausible ? "refused" : "refused with \(error.status)")
    } catch {
      found.append("another error: \(error)")
    }
  }

  /// Takes one head or a part of a body off the front; false when more bytes are needed.
  private mutating func step() throws -> Bool {
    if var reader = body {
      let count = try held.withUnsafeBytes { try reader.read($0) }
      held.removeFirst(count)
      body = reader.isComplete ? nil : reader
      if reader.isComplete { found.append("body \(reader.body)") }
      return reader.isComplete
    }
    guard let (head, count) = try held.withUnsafeBytes({ bytes throws(HTTPRequestError) in try parser.parse(bytes) }) else { return false }
    held.removeFirst(count)
    let segments = (try? head.pathSegments()).map { "\($0)" } ?? "bad path"
    found.append("\(head.method) \(segments) \(head.query.items.map { "\($0.name)=\($0.value)" }) \(head.framing) \(head.keepsAlive)")
    body = try HTTPBodyReader(head.framing, limit: HTTPRun.limits.bodyBytes, lineLimit: HTTPRun.limits.chunkLineBytes)
    return true
  }
}
