import Foundation
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import HTTPServer

@Suite struct HTTPServerTests {
  @Test func answersOnAKeptConnection() throws {
    let server = try TestServer()
    let client = try RawHTTP(port: server.port)
    var ids: Set<String> = []
    for index in 0..<50 {
      let reply = try client.request("GET", "/a?\(index)")
      #expect(reply.status == 200)
      #expect(reply.text == "hello /a?\(index)")
      #expect(reply.headers["content-length"] == String(reply.body.count))
      #expect(reply.headers["connection"] == nil)
      #expect(reply.headers["date"]?.hasSuffix(" GMT") == true)
      ids.insert(try client.request("GET", "/id").text)
    }
    #expect(ids.count == 50)
    #expect(try client.request("GET", "/twice").text == "first")
    #expect(try client.request("GET", "/never").status == 500)
    #expect(try client.request("GET", "/peer").text == "127.0.0.1 plain -")
    #expect(server.server.connectionCount == 1)
    client.connection.close()
    try eventually("the connection is gone") { server.server.connectionCount == 0 }
  }

  @Test func pipelinedResponsesKeepTheirOrder() throws {
    let server = try TestServer()
    let client = try RawHTTP(port: server.port)
    let count = 200
    let burst = (0..<count).map { "GET \($0 % 3 == 0 ? "/later" : "/now")?\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
    try client.connection.send(burst)
    for index in 0..<count {
      #expect(try client.readReply().text == (index % 3 == 0 ? "later \(index)" : "hello /now?\(index)"))
    }
    #expect(try client.request("GET", "/after").text == "hello /after")
  }

  @Test func headHasTheHeadersOfGetAndNoBody() throws {
    let server = try TestServer()
    let client = try RawHTTP(port: server.port)
    for path in ["/x", "/large", "/compressible"] {
      let head = try client.request("HEAD", path, headers: ["Accept-Encoding": "gzip"])
      let get = try client.request("GET", path, headers: ["Accept-Encoding": "gzip"])
      #expect(head.headers["content-length"] == get.headers["content-length"])
      #expect(head.headers["content-encoding"] == get.headers["content-encoding"])
      #expect(head.body.isEmpty)
    }
    #expect(try client.request("HEAD", "/stream").headers["transfer-encoding"] == "chunked")
    #expect(try client.request("GET", "/empty").status == 204)
    #expect(try client.request("GET", "/x").text == "hello /x")
  }

  @Test func streamsAreChunked() throws {
    let server = try TestServer()
    let client = try RawHTTP(port: server.port)
    let reply = try client.request("GET", "/stream")
    #expect(reply.headers["transfer-encoding"] == "chunked")
    #expect(reply.headers["content-length"] == nil)
    #expect(reply.text == "piece 0\npiece 1\npiece 2\n")
    #expect(try client.request("GET", "/x").text == "hello /x")
  }

  @Test func olderClients() throws {
    let server = try TestServer()
    let plain = try RawConnection(port: server.port)
    try plain.send("GET /x HTTP/1.0\r\n\r\n")
    #expect(String(decoding: try plain.readToEnd(), as: UTF8.self).contains("Connection: close\r\n"))
    let stream = try RawConnection(port: server.port)
    try stream.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    let text = String(decoding: try stream.readToEnd(), as: UTF8.self)
    #expect(!text.lowercased().contains("transfer-encoding"))
    #expect(text.hasSuffix("\r\n\r\npiece 0\npiece 1\npiece 2\n"))
    let kept = try RawHTTP(port: server.port)
    for _ in 0..<2 {
      try kept.connection.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
      #expect(try kept.readReply().headers["connection"] == "keep-alive")
    }
  }

  /// A body that many responses share is compressed once, and is the same for all.
  @Test func aSharedBodyIsCompressedOnce() throws {
    let server = try TestServer()
    let client = try RawHTTP(port: server.port)
    let first = try client.request("GET", "/shared", headers: ["Accept-Encoding": "gzip"])
    #expect(first.headers["content-encoding"] == "gzip")
    let made = try #require(TestServer.shared.body)
    #expect(first.body == made)
    #expect(try client.request("GET", "/shared", headers: ["Accept-Encoding": "gzip"]).body == made)
    #expect(try client.request("GET", "/shared").headers["content-encoding"] == nil)
  }

  @Test func compression() throws {
    let server = try TestServer()
    let client = try RawHTTP(port: server.port)
    let plain = try client.request("GET", "/compressible")
    #expect(plain.headers["content-encoding"] == nil)
    let reply = try client.request("GET", "/compressible", headers: ["Accept-Encoding": "br, gzip;q=0.5"])
    #expect(reply.headers["content-encoding"] == "gzip")
    #expect(reply.body.count < plain.body.count / 10)
    #expect(try reply.unzipped() == plain.body)
    let small = try client.request("GET", "/x", headers: ["Accept-Encoding": "gzip"])
    #expect(small.headers["content-encoding"] == nil)
    #expect(try client.request("GET", "/compressible", headers: ["Accept-Encoding": "gzip;q=0"]).headers["content-encoding"] == nil)
  }

  @Test func bodies() throws {
    let server = try TestServer(bodyLimit: 100_000)
    let client = try RawHTTP(port: server.port)
    let text = String(repeating: "b", count: 100_000)
    #expect(try client.request("POST", "/echo", body: text).text == text)
    #expect(try client.request("POST", "/echo", body: "").text == "")
    try client.connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
    try client.connection.send("2;x\r\nde\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try client.readReply().text == "abcde")
    #expect(try client.readReply().text == "hello /next")
    try client.connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    #expect(try client.readReply().status == 100)
    try client.connection.send("hello")
    #expect(try client.readReply().text == "hello")
    let refused = try client.request("POST", "/echo", headers: ["Content-Length": "100001"])
    #expect(refused.status == 413)
    #expect(refused.headers["connection"] == "close")
    try client.connection.waitForClose()
  }

  /// The second request after a bad one is never answered: where it begins is not known.
  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: a\n\n", 400), ("\u{16}\u{3}\u{1}\u{2}\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF0\r\n", 400),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7FFFFFFF\r\n", 413), ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501), ("GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n", 400),
  ])
  func badRequestsEndTheConnection(_ text: String, _ status: Int) throws {
    let server = try TestServer()
    let client = try RawHTTP(port: server.port)
    try client.connection.send("GET /good HTTP/1.1\r\nHost: a\r\n\r\n" + text + "GET /second HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(try client.readReply().text == "hello /good")
    let reply = try client.readReply()
    #expect(reply.status == status)
    #expect(reply.headers["connection"] == "close")
    let error = try reply.json()["error"] as? [String: Any]
    #expect(error?["code"] as? Int == status)
    #expect(try client.connection.readToEnd().isEmpty)
  }

  @Test func tooLongTargetsAndHeads() throws {
    let server = try TestServer()
    let target = try RawHTTP(port: server.port)
    #expect(try target.request("GET", "/" + String(repeating: "a", count: 20_000)).status == 414)
    let head = try RawHTTP(port: server.port)
    #expect(try head.request("GET", "/", headers: ["X": String(repeating: "a", count: 20_000)]).status == 431)
  }

  @Test func halfARequestAndThenSilence() throws {
    var limits = HTTPLimits()
    limits.headTime = 0.2
    limits.rateTime = 0.2
    let server = try TestServer(limits: limits)
    let head = try RawHTTP(port: server.port)
    try head.connection.send("GET / HTTP/1.1\r\nHost: ")
    #expect(try head.readReply().status == 408)
    try head.connection.waitForClose()
    let body = try RawHTTP(port: server.port)
    try body.connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
    #expect(try body.readReply().status == 408)
    try body.connection.waitForClose()
  }

  @Test func idleConnectionsAreClosedInSilence() throws {
    var limits = HTTPLimits()
    limits.idleTime = 0.2
    let server = try TestServer(limits: limits)
    let fresh = try RawConnection(port: server.port)
    #expect(try fresh.readToEnd().isEmpty)
    let used = try RawHTTP(port: server.port)
    #expect(try used.request("GET", "/x").status == 200)
    #expect(try used.connection.readToEnd().isEmpty)
  }

  @Test func manyIdleConnectionsDoNotHinderOthers() throws {
    let server = try TestServer()
    let idle = try (0..<2_000).map { _ in try RawConnection(port: server.port) }
    for (index, connection) in idle.enumerated() where index % 2 == 0 { try connection.send("GET / HT") }
    #expect(try RawHTTP.get(port: server.port, "/x").text == "hello /x")
    try eventually("all are counted") { server.server.connectionCount >= 2_000 }
    for (index, connection) in idle.enumerated() where index % 500 == 0 {
      try connection.send("TP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(String(decoding: try connection.readToEnd(), as: UTF8.self).hasSuffix("hello /"))
    }
    for connection in idle { connection.close() }
    try eventually("all are gone") { server.server.connectionCount == 0 }
  }

  @Test func aSlowReaderGetsEverythingAndAStalledOneIsCut() throws {
    var limits = HTTPLimits()
    limits.writeStallTime = 0.3
    limits.rateTime = 0.3
    let server = try TestServer(limits: limits)
    let reader = try RawHTTP(port: server.port)
    #expect(try reader.request("GET", "/large").body.count == TestServer.large.count)
    #expect(try reader.request("GET", "/x").text == "hello /x")
    let stalled = try RawConnection(port: server.port)
    try stalled.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    try eventually("the stalled reader is cut") { server.server.connectionCount == 1 }
    #expect(try reader.request("GET", "/x").text == "hello /x")
  }

  @Test func aPeerThatTakesNoAnswersIsHeldBack() throws {
    var limits = HTTPLimits()
    limits.writeStallTime = 0.5
    limits.rateTime = 0.5
    let server = try TestServer(limits: limits)
    let greedy = try RawConnection(port: server.port)
    let burst = String(repeating: "GET /large HTTP/1.1\r\nHost: a\r\n\r\n", count: 100)
    try greedy.send(burst)
    try eventually("it is cut") { server.server.connectionCount == 0 }
  }

  @Test func aHalfClosedClientGetsItsAnswer() throws {
    let server = try TestServer()
    for path in ["/now", "/later?", "/large"] {
      let client = try RawHTTP(port: server.port)
      try client.connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
      client.connection.closeWriting()
      #expect(try client.readReply().status == 200)
    }
  }

  @Test func stopsGracefully() throws {
    let server = try TestServer()
    let idle = try RawHTTP(port: server.port)
    #expect(try idle.request("GET", "/x").status == 200)
    let endless = try RawHTTP(port: server.port)
    try endless.connection.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
    while !(try endless.connection.readLine()).isEmpty {}
    #expect(try endless.connection.readLine() == "6")
    let flag = Flag()
    server.server.stop(within: 20) { flag.set() }
    try idle.connection.waitForClose()
    #expect(String(decoding: try endless.connection.readToEnd(), as: UTF8.self) == "begun\n\r\n0\r\n\r\n")
    try eventually("it has stopped") { flag.isSet }
    #expect(throws: (any Error).self) { try RawHTTP.get(port: server.port, "/x") }
  }
}

final class Flag: Sendable {
  private let value = Atomic<Bool>(false)
  var isSet: Bool { value.load(ordering: .relaxed) }
  func set() { value.store(true, ordering: .relaxed) }
}
