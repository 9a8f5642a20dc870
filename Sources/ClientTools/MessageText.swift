import Glibc
public import NATSClient
import Reactor
import Wire

/// Messages as people read them.
public struct MessageText: Sendable {
  /// The payload alone, byte for byte.
  public var raw = false
  /// The time in front.
  public var timestamps = false
  /// Control characters are shown instead of obeyed: a terminal reads this.
  public var escapes = isatty(STDOUT_FILENO) == 1

  public init() {}

  /// A message that a subscription received.
  public func received(_ message: NATSMessage, number: Int) -> [UInt8] {
    if raw { return message.payload + [0x0A] }
    let time = timestamps ? "\(WallClock.now().rfc3339) " : ""
    let reply = message.reply.map { " with reply [\($0)]" } ?? ""
    return Array("\(time)[#\(number)] Received on [\(message.subject)]\(reply): ".utf8) + content(message) + [0x0A]
  }

  /// The reply to a request.
  public func reply(_ message: NATSMessage) -> [UInt8] {
    if raw { return message.payload + [0x0A] }
    return Array("Received  [\(message.subject)] : ".utf8) + content(message) + [0x0A]
  }

  /// What was sent.
  public func published(_ subject: String, _ payload: [UInt8]) -> [UInt8] {
    Array("Published [\(subject)] : '".utf8) + shown(payload) + Array("'\n".utf8)
  }

  private func content(_ message: NATSMessage) -> [UInt8] {
    var bytes: [UInt8] = []
    if let headers = message.headers {
      if let status = headers.status { bytes += "\n  status: \(status) \(headers.statusText)".utf8 }
      for field in headers.fields { bytes += "\n  ".utf8 + shown(Array("\(field.name): \(field.value)".utf8)) }
      bytes += "\n".utf8
    }
    return bytes + Array("'".utf8) + shown(readable(message.payload)) + Array("'".utf8)
  }

  /// A JSON object or array is laid out; anything else stays as it is.
  func readable(_ payload: [UInt8]) -> [UInt8] {
    guard let first = payload.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
      (try? JSONValue(parsing: payload)) != nil
    else { return payload }
    return JSONIndenter.indented(payload, indent: 2)
  }

  private func shown(_ bytes: [UInt8]) -> [UInt8] {
    guard escapes, bytes.contains(where: { ($0 < 32 && $0 != 9 && $0 != 10) || $0 == 127 }) else { return bytes }
    return bytes.flatMap { byte -> [UInt8] in
      if (byte >= 32 && byte != 127) || byte == 9 || byte == 10 { return [byte] }
      return Array("\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
    }
  }
}
