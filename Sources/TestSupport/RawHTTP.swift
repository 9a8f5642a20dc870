import Foundation

/// An HTTP answer, with its body put together.
public struct HTTPReply: Sendable {
  public let status: Int
  /// Names in lower case; of a repeated one the last.
  public let headers: [String: String]
  /// The fields as they came, in their order.
  public let fields: [String]
  public let body: [UInt8]
  public var text: String { String(decoding: body, as: UTF8.self) }
  /// The body as a JSON object.
  /// - Throws: `TestFailure` showing the body when it is none.
  public func json() throws -> [String: Any] {
    guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else {
      throw TestFailure("not a JSON object (status \(status)): \(text.prefix(500))")
    }
    return object
  }

  /// The body of a compressed answer as it was before.
  /// - Throws: `TestFailure` with what `gzip` says of a body that is not compressed or was cut short.
  public func unzipped() throws -> [UInt8] {
    let folder = try TemporaryFolder()
    try Data(body).write(to: URL(fileURLWithPath: folder.path("body.gz")))
    let finished = try ChildProcess.run("gzip", ["-d", "body.gz"], directory: folder.path)
    guard finished.status == 0 else { throw TestFailure(finished.errors) }
    return Array(try Data(contentsOf: URL(fileURLWithPath: folder.path("body"))))
  }
}

/// One keep-alive HTTP/1.1 connection, blocking.
public final class RawHTTP: @unchecked Sendable {  // as RawConnection: one task at a time
  public let connection: RawConnection
  private let host: String

  /// - Parameter source: The address to come from; nil for what the system takes.
  public init(port: UInt16, source: String? = nil) throws {
    connection = try RawConnection(port: port, source: source)
    host = "127.0.0.1:\(port)"
  }

  /// Sends a request and reads its answer. `path` goes out as it is.
  public func request(_ method: String = "GET", _ path: String, headers: [String: String] = [:], body: String? = nil) throws -> HTTPReply {
    var all = ["Host": host]
    all.merge(headers) { $1 }
    if let body { all["Content-Length"] = String(body.utf8.count) }
    let lines = all.map { "\($0.key): \($0.value)\r\n" }.joined()
    try connection.send("\(method) \(path) HTTP/1.1\r\n\(lines)\r\n\(body ?? "")")
    return try readReply(to: method)
  }

  /// Reads one answer off the connection.
  public func readReply(to method: String = "GET") throws -> HTTPReply {
    let statusLine = try connection.readLine()
    let words = statusLine.split(separator: " ")
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      throw TestFailure("expected a status line, found \(statusLine)")
    }
    var headers: [String: String] = [:]
    var fields: [String] = []
    while true {
      let line = try connection.readLine()
      if line.isEmpty { break }
      guard let colon = line.firstIndex(of: ":") else { throw TestFailure("expected a header, found \(line)") }
      fields.append(line)
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    let body = method == "HEAD" || status == 204 || status == 304 || status < 200 ? [] : try readBody(headers)
    return HTTPReply(status: status, headers: headers, fields: fields, body: body)
  }

  private func readBody(_ headers: [String: String]) throws -> [UInt8] {
    if headers["transfer-encoding"]?.lowercased() == "chunked" {
      var body: [UInt8] = []
      while true {
        let line = try connection.readLine()
        guard let size = Int(line.prefix { $0 != ";" }, radix: 16) else { throw TestFailure("expected a chunk size, found \(line)") }
        body += try connection.read(size)
        let end = try connection.readLine()
        if !end.isEmpty { throw TestFailure("expected the end of a chunk, found \(end)") }
        if size == 0 { return body }
      }
    }
    if let length = headers["content-length"].flatMap({ Int($0) }) { return try connection.read(length) }
    return try connection.readToEnd()
  }

  /// One request on a connection of its own.
  public static func get(port: UInt16, _ path: String, method: String = "GET", headers: [String: String] = [:]) throws -> HTTPReply {
    try RawHTTP(port: port).request(method, path, headers: headers.merging(["Connection": "close"]) { $1 })
  }
}
