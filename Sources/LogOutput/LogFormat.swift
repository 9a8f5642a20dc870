import Glibc
public import Logging
public import Wire

/// One thing to log.
public struct LogLine: Sendable {
  public let time: Timestamp
  public let level: Logger.Level
  public let label: String
  public let message: String
  public let metadata: Logger.Metadata

  public init(time: Timestamp, level: Logger.Level, label: String, message: String, metadata: Logger.Metadata = [:]) {
    self.time = time
    self.level = level
    self.label = label
    self.message = message
    self.metadata = metadata
  }
}

/// How a log line looks. Whatever is logged, it stays one line: control characters are escaped.
public enum LogFormat: String, Sendable, CaseIterable {
  /// `2026-11-21T01:02:03.123456Z info gateway: message key=value`
  case text
  /// One JSON object a line: `time`, `level`, `logger`, `message`, then the metadata.
  case json
  /// As nats-server writes: `[pid] 2026/11/21 01:02:03.123456 [INF] message`.
  case server
  /// The same in the process's local time, as nats-server does unless told otherwise.
  case serverLocal
  /// The same without the time.
  case serverBare

  /// Appends the line with its line feed.
  public func append(_ line: LogLine, to bytes: inout [UInt8]) {
    switch self {
    case .text: appendText(line, to: &bytes)
    case .json: appendJSON(line, to: &bytes)
    case .server: appendServer(line, clock: clock(line.time), to: &bytes)
    case .serverLocal: appendServer(line, clock: clock(local(line.time)), to: &bytes)
    case .serverBare: appendServer(line, clock: "", to: &bytes)
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  private func appendText(_ line: LogLine, to bytes: inout [UInt8]) {
    bytes += "\(stamp(line.time)) \(line.level.rawValue) \(line.label): ".utf8
    appendOneLine(line.message, to: &bytes)
    appendPairs(line.metadata, to: &bytes)
  }

  /// `2026/11/21 01:02:03.123456 `
  private func clock(_ time: Timestamp) -> String {
    let iso = stamp(time)
    return "\(iso.prefix(10).split(separator: "-").joined(separator: "/")) \(iso.dropFirst(11).dropLast()) "
  }

  /// The moment that UTC would show as what local clocks show now.
  private func local(_ time: Timestamp) -> Timestamp {
    var seconds = time_t(time.seconds)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return time }
    return time + .wholeSeconds(Int64(parts.tm_gmtoff))
  }

  private func appendServer(_ line: LogLine, clock: String, to bytes: inout [UInt8]) {
    let tag =
      switch line.level {
      case .trace: "TRC"
      case .debug: "DBG"
      case .info, .notice: "INF"
      case .warning: "WRN"
      case .error: "ERR"
      case .critical: "FTL"
      }
    bytes += "[\(getpid())] \(clock)[\(tag)] ".utf8
    appendOneLine(line.message, to: &bytes)
    appendPairs(line.metadata, to: &bytes)
  }

  private func appendJSON(_ line: LogLine, to bytes: inout [UInt8]) {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("time")
      writer.string(stamp(line.time))
      writer.key("level")
      writer.string(line.level.rawValue)
      writer.key("logger")
      writer.string(line.label)
      writer.key("message")
      writer.string(line.message)
      for (name, value) in line.metadata.sorted(by: { $0.key < $1.key }) {
        writer.key(["time", "level", "logger", "message"].contains(name) ? "_" + name : name)
        write(value, to: &writer)
      }
    }
    // JSON lets pass what no terminal should see: DEL, and what has eight bits.
    Self.append(writer.bytes, to: &bytes, escape: "\\u00")
  }

  private func write(_ value: Logger.MetadataValue, to writer: inout JSONWriter) {
    switch value {
    case .string(let text): writer.string(text)
    case .stringConvertible(let other): writer.string(other.description)
    case .array(let values):
      writer.array { writer in for value in values { write(value, to: &writer) } }
    case .dictionary(let members):
      writer.object { writer in
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
          writer.key(name)
          write(value, to: &writer)
        }
      }
    }
  }

  private func appendPairs(_ metadata: Logger.Metadata, to bytes: inout [UInt8]) {
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
      bytes.append(UInt8(ascii: " "))
      appendOneLine(name, to: &bytes)
      bytes.append(UInt8(ascii: "="))
      let text = value.description
      let plain = !text.isEmpty && text.utf8.allSatisfy { $0 > 32 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") && $0 != 127 }
      if plain {
        appendOneLine(text, to: &bytes)
      } else {
        var quoted: [UInt8] = []
        JSONEscaping.append(text, to: &quoted)
        appendOneLine(String(decoding: quoted, as: UTF8.self), to: &bytes)
      }
    }
  }

  private func appendOneLine(_ text: String, to bytes: inout [UInt8]) { Self.append(text.utf8, to: &bytes, escape: "\\x") }

  /// Control characters are written out, those of eight bits too: names are chosen by strangers, and logs are read in terminals.
  ///
  /// - Parameter escape: What stands in front of a character's two hexadecimal digits.
  private static func append(_ text: some Sequence<UInt8>, to bytes: inout [UInt8], escape: String) {
    var isBehindC2 = false
    for byte in text {
      defer { isBehindC2 = byte == 0xC2 }
      switch byte {
      case 0x80...0x9F where isBehindC2:
        bytes.removeLast()
        bytes += "\(escape)\(String(byte, radix: 16))".utf8
      case UInt8(ascii: "\n"): bytes += "\\n".utf8
      case UInt8(ascii: "\r"): bytes += "\\r".utf8
      case UInt8(ascii: "\t"): bytes.append(byte)
      case 0..<32, 127: bytes += "\(escape)\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
      default: bytes.append(byte)
      }
    }
  }

  /// Always six digits of fraction, so that lines align and sort.
  private func stamp(_ time: Timestamp) -> String {
    let micros = String(time.nanoseconds / 1000)
    let whole = Timestamp(seconds: time.seconds).rfc3339.dropLast()
    return "\(whole).\(String(repeating: "0", count: 6 - micros.utf8.count))\(micros)Z"
  }
}
