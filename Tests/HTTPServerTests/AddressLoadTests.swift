import TestSupport
import Testing

@testable import HTTPServer

/// What is counted for an address is what it has open and under way, and nothing of it stays.
@Suite struct AddressLoadTests {
  private func load(_ server: TestServer) -> Int? { server.server.addresses.load(of: "127.0.0.1")?.requestsUnderWay }

  @Test func nothingStays() throws {
    let server = try TestServer()
    var clients = try (0..<20).map { _ in try RawHTTP(port: server.port) }
    for (index, client) in clients.enumerated() {
      let path = ["/later?1", "/stream", "/empty", "/twice", "/large"][index % 5]
      for _ in 0..<3 { _ = try client.request("GET", path) }
      _ = try client.request("HEAD", path)
    }
    try eventually("every request has ended") { load(server) == 0 }
    // An endless stream is under way until its reader goes; a refused request never was.
    let reader = try RawHTTP(port: server.port)
    try reader.connection.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
    try eventually("the stream is counted") { load(server) == 1 }
    let bad = try RawHTTP(port: server.port)
    try bad.connection.send("nonsense\r\n\r\n")
    #expect(try bad.readReply().status == 400)
    #expect(load(server) == 1)
    reader.connection.close()
    try eventually("the stream has ended") { load(server) == 0 }
    for client in clients { client.connection.close() }
    clients = []
    bad.connection.close()
    try eventually("the address is forgotten") { server.server.addresses.count == 0 }
  }
}
