import Foundation
import Testing
import Wire

/// Reads one whole request: its head, its body, and what is left behind it.
func parseRequest(
  _ bytes: [UInt8], limits: HTTPLimits = HTTPLimits()
) throws(HTTPRequestError) -> (head: HTTPRequestHead, body: [UInt8], rest: Int)? {
  do {
    return try bytes.withUnsafeBytes { buffer in
      var parser = HTTPRequestParser(limits: limits)
      guard let (head, count) = try parser.parse(buffer) else { return nil }
      var reader = try HTTPBodyReader(head.framing, limit: limits.bodyBytes, lineLimit: limits.chunkLineBytes)
      let used = try reader.read(UnsafeRawBufferPointer(rebasing: buffer[count...]))
      guard reader.isComplete else { return nil }
      return (head, reader.body, buffer.count - count - used)
    }
  } catch let error as HTTPRequestError {
    throw error
  } catch {
    throw HTTPRequestError(.unanswered, "\(error)")
  }
}

@Suite struct HTTPRequestParserTests {
  @Test func readsAPlainRequest() throws {
    let text =
      "GET /server/a%20b/varz?x=1&y=%2f HTTP/1.1\r\nHost: localhost:8222\r\nX-One:  a b\t\r\naccept: text/html\r\nAccept: */*\r\n\r\nrest"
    let (head, body, rest) = try #require(try parseRequest(Array(text.utf8)))
    #expect(head.method == .get)
    #expect(head.minorVersion == 1)
    #expect(head.rawPath == "/server/a%20b/varz")
    #expect(head.rawQuery == "x=1&y=%2f")
    #expect(head.target == "/server/a%20b/varz?x=1&y=%2f")
    #expect(head.authority == "localhost:8222")
    #expect(head.header("x-one") == "a b")
    #expect(head.list("ACCEPT") == "text/html, */*")
    #expect(head.header("missing") == nil)
    #expect(head.keepsAlive)
    #expect(body.isEmpty)
    #expect(rest == 4)
    #expect(try head.pathSegments() == ["server", "a b", "varz"])
    #expect(head.query["y"] == "/")
  }

  /// A repeated head is taken as it was read; anything else is read anew, whatever it shares with the last one.
  @Test(arguments: [
    ("GET /a HTTP/1.1\r\nHost: a\r\n\r\n", true, 0), ("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b", true, 6),
    ("GET /b HTTP/1.1\r\nHost: a\r\n\r\n", false, 0), ("GET /a HTTP/1.1\r\nHost: ab\r\n\r\n", false, 0),
    ("GET /a HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n", false, 0), ("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n", false, 0),
  ])
  func takesARepeatedHeadAsItWasRead(_ text: String, isSame: Bool, rest: Int) throws {
    let (last, _, _) = try #require(try parseRequest(Array("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".utf8)))
    let (anew, _, anewRest) = try #require(try parseRequest(Array(text.utf8)))
    let found = try Array(text.utf8).withUnsafeBytes { buffer in
      var parser = HTTPRequestParser()
      return try parser.parse(buffer, like: last)
    }
    let (head, count) = try #require(found)
    #expect((head === last) == isSame)
    #expect(text.utf8.count - count == rest)
    #expect(anewRest == rest)
    #expect(head.target == anew.target)
    #expect(head.method == anew.method)
    #expect(head.headers.map { "\($0)" } == anew.headers.map { "\($0)" })
  }

  /// Half of a head has been searched already: what follows is no front of a request.
  @Test func readsOnWhereAHeadCameInPieces() throws {
    let text = Array("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    let (last, _, _) = try #require(try parseRequest(text))
    var parser = HTTPRequestParser()
    let nothing = try text[..<20].withUnsafeBytes { try parser.parse($0, like: last) }
    #expect(nothing == nil)
    let found = try text.withUnsafeBytes { try parser.parse($0, like: last) }
    #expect(found?.head.target == "/a")
    #expect(found?.count == text.count)
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\nHost: a\n\n", 400), ("GET / HTTP/1.1\r\nHost: a\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400), (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400), ("GET /\r\nHost: a\r\n\r\n", 400), ("GET\r\n\r\n", 400),
    ("GET / http/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\n: a\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nfold:\r\n ed\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{7f}\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n", 400),
    ("GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /é HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("G\u{0}T / HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400),
    ("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET http://a@b/x HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("PRI * HTTP/2.0\r\n\r\n", 505), ("GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505),
    ("GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.x\r\nHost: a\r\n\r\n", 400), ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    ("AVERYLONGMETHODNAMETHATNOBODYKNOWSATALL / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400), ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", 400), ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", 413),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
    ("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n", 417),
  ])
  func refuses(_ text: String, _ status: Int) {
    let error = #expect(throws: HTTPRequestError.self) { try parseRequest(Array(text.utf8)) }
    #expect(error?.status == status, "\(String(describing: error))")
  }

  @Test(arguments: [
    ("5\r\nhello\r\n0\r\n\r\n", "hello"), ("1\r\na\r\n01\r\nb\r\n000\r\n\r\n", "ab"), ("3;x=y\r\nabc\r\n0;z\r\nTrailer: v\r\n\r\n", "abc"),
    ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
  ])
  func chunks(_ text: String, _ body: String) throws {
    let request = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n\(text)NEXT".utf8)
    let (_, read, rest) = try #require(try parseRequest(request))
    #expect(String(decoding: read, as: UTF8.self) == body)
    #expect(rest == 4)
  }

  @Test(arguments: [
    ("5\nhello\r\n0\r\n\r\n", 400), ("\r\n", 400), ("-1\r\n", 400), ("0x5\r\nhello\r\n", 400), ("5 \r\nhello\r\n", 400), ("g\r\n", 400),
    ("5\r\nhelloworld\r\n0\r\n\r\n", 400), ("FFFFFFFFFFFFFFFF\r\n", 400), ("7FFFFFFFFFFFFFF\r\n", 413), ("ffff\r\n", 413), (" 5\r\n", 400),
    ("5;\u{0}\r\n", 400),
    ("0\r\nno colon\r\n\r\n", 400), ("0\r\na: b\n\r\n", 400), ("5\r\nhello\n0\r\n\r\n", 400),
  ])
  func refusesChunks(_ text: String, _ status: Int) {
    let request = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(text)".utf8)
    let error = #expect(throws: HTTPRequestError.self) { try parseRequest(request) }
    #expect(error?.status == status, "\(String(describing: error))")
  }

  @Test func endlessChunkLineIsRefused() {
    let request = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;".utf8) + [UInt8](repeating: 97, count: 5_000)
    #expect(throws: HTTPRequestError.self) { try parseRequest(request) }
  }

  @Test func lengthsAreBounded() {
    func status(_ text: String) -> Int? {
      do {
        return try parseRequest(Array(text.utf8)) == nil ? 0 : 200
      } catch {
        return error.status
      }
    }
    let long = String(repeating: "a", count: 8_191)
    #expect(status("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n") == 200)
    #expect(status("GET /\(long)a HTTP/1.1\r\nHost: a\r\n\r\n") == 414)
    #expect(status("GET /\(long)\(long)") == 414)
    #expect(status("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\(long)\r\n\r\n") == 431)
    #expect(status("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\(long)") == 431)
    let many = (0..<101).map { "X\($0): 1\r\n" }.joined()
    #expect(status("GET / HTTP/1.1\r\nHost: a\r\n\(many)\r\n") == 431)
  }

  @Test(arguments: [
    ("GET http://b:1/x?q HTTP/1.1\r\nHost: a\r\n\r\n", "b:1", "/x"), ("GET HTTP://b HTTP/1.1\r\nHost: a\r\n\r\n", "b", "/"),
    ("GET https://b?q HTTP/1.1\r\nHost: a\r\n\r\n", "b", "/"), ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "a", "*"),
    ("GET / HTTP/1.0\r\n\r\n", "", "/"),
    ("\r\n\r\nGET / HTTP/1.1\r\nHost: [::1]:8222\r\n\r\n", "[::1]:8222", "/"), ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "", "/"),
  ])
  func targetsAndHosts(_ text: String, _ authority: String, _ path: String) throws {
    let (head, _, _) = try #require(try parseRequest(Array(text.utf8)))
    #expect(head.authority == authority)
    #expect(head.rawPath == path)
  }

  @Test(arguments: [
    ("HTTP/1.1\r\nHost: a", true), ("HTTP/1.1\r\nHost: a\r\nConnection: close", false),
    ("HTTP/1.1\r\nHost: a\r\nConnection: x , CLOSE", false),
    ("HTTP/1.0\r\nHost: a", false), ("HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive", true),
    ("HTTP/1.0\r\nConnection: keep-alive, close", false),
    ("HTTP/1.7\r\nHost: a", true),
  ])
  func keepAlive(_ rest: String, _ keeps: Bool) throws {
    #expect(try #require(try parseRequest(Array("GET / \(rest)\r\n\r\n".utf8))).head.keepsAlive == keeps)
  }

  /// However the bytes are cut, the outcome is the same.
  @Test(arguments: [
    "GET /a?b HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nT: v\r\n\r\n",
  ])
  func cutAnywhere(_ text: String) throws {
    let bytes = Array(text.utf8)
    let whole = try #require(try parseRequest(bytes))
    for step in 1...7 {
      var parser = HTTPRequestParser()
      var reader: HTTPBodyReader?
      var kept: [UInt8] = []
      for start in stride(from: 0, to: bytes.count, by: step) {
        kept += bytes[start..<min(start + step, bytes.count)]
        let used = try kept.withUnsafeBytes { buffer -> Int in
          var used = 0
          if reader == nil, let (head, count) = try parser.parse(buffer) {
            #expect(head.target == whole.head.target)
            used = count
            reader = try HTTPBodyReader(head.framing, limit: 100)
          }
          return used + (try reader?.read(UnsafeRawBufferPointer(rebasing: buffer[used...])) ?? 0)
        }
        kept.removeFirst(used)
      }
      #expect(kept.isEmpty)
      #expect(reader?.isComplete == true)
      #expect(reader?.body == whole.body)
    }
    #expect(whole.rest == 0)
  }

  @Test(
    arguments: [
      ("/", []), ("/a", ["a"]), ("/a/", ["a", ""]), ("//a", ["", "a"]), ("/a%2Fb/c", ["a/b", "c"]), ("/%24SYS", ["$SYS"]),
      ("/%2525", ["%25"]), ("/a+b", ["a+b"]),
      ("/%0d%0a", ["\r\n"]), ("/%c3%a9", ["é"]),
    ] as [(String, [String])])
  func segments(_ path: String, _ expected: [String]) throws {
    #expect(try HTTPTarget.segments(of: Array(path.utf8)[...]) == expected)
  }

  @Test(arguments: ["/%", "/%4", "/%zz", "/%ff", "/%c3", "/.", "/..", "/a/../b", "/%2e%2e/b", "/a/%2e", "*", ""])
  func badSegments(_ path: String) {
    #expect(throws: HTTPRequestError.self) { try HTTPTarget.segments(of: Array(path.utf8)[...]) }
  }

  @Test func queries() {
    let query = HTTPQuery("a=1&b=x+y%2B&a=2&flag&=v&bad=%zz&semi;colon=1&&e=")
    #expect(query["a"] == "1")
    #expect(query["b"] == "x y+")
    #expect(query["flag"] == "")
    #expect(query["e"] == "")
    #expect(query["missing"] == nil)
    #expect(query.malformed == ["bad=%zz", "semi;colon=1"])
    #expect(query.items.map(\.name) == ["a", "b", "a", "flag", "", "e"])
  }

  @Test func negotiation() {
    #expect(HTTPNegotiation.acceptsGzip("gzip"))
    #expect(HTTPNegotiation.acceptsGzip("deflate, GZIP;q=0.5"))
    #expect(HTTPNegotiation.acceptsGzip("*"))
    #expect(!HTTPNegotiation.acceptsGzip("gzip;q=0, *"))
    #expect(!HTTPNegotiation.acceptsGzip("identity"))
    #expect(!HTTPNegotiation.acceptsGzip(nil))
    #expect(!HTTPNegotiation.acceptsGzip("gzip;q=nonsense"))
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    #expect(HTTPNegotiation.prefersHTML(browser))
    #expect(!HTTPNegotiation.prefersHTML("*/*"))
    #expect(!HTTPNegotiation.prefersHTML("application/json, text/html"))
    #expect(!HTTPNegotiation.prefersHTML("text/html;q=0.5, application/json"))
    #expect(!HTTPNegotiation.prefersHTML(nil))
    #expect(HTTPNegotiation.quality(of: "application/json", in: "text/*;q=0.5, application/*;q=0.3") == 0.3)
  }

  @Test func responseHeadersCannotSplit() {
    var bytes: [UInt8] = []
    HTTPResponseHead.append("Natsight-Ignored", "a\r\nSet-Cookie: x\u{0}", to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == "Natsight-Ignored: a  Set-Cookie: x \r\n")
  }
}
