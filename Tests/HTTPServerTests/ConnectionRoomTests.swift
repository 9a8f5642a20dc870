import Foundation
import Reactor
import TestSupport
import Testing
import Wire

@testable import HTTPServer

/// Whoever only holds connections keeps nobody out.
@Suite struct ConnectionRoomTests {
  @Test func leavesDescriptorsForOthers() {
    let limits = HTTPLimits()
    for (descriptors, inUse, total, perAddress) in [
      (64, 24, 24, 12), (64, 60, 4, 2), (0, 0, 4, 2), (1_024, 30, 738, 369), (20_000, 40, 14_960, 7_480), (1 << 20, 40, 50_000, 25_000),
    ] {
      let room = ConnectionRoom(limits, descriptors: descriptors, inUse: inUse)
      #expect(room.total == total && room.perAddress == perAddress, "\(descriptors), \(inUse): \(room)")
    }
    var small = HTTPLimits()
    small.connections = 3
    small.connectionsPerAddress = 7
    let room = ConnectionRoom(small, descriptors: 1_024, inUse: 30)
    #expect(room.total == 3 && room.perAddress == 3)
  }

  private func server(_ connections: Int, perAddress: Int) throws -> TestServer {
    var limits = HTTPLimits()
    limits.connections = connections
    limits.connectionsPerAddress = perAddress
    return try TestServer(limits: limits)
  }

  /// Starts an answer that does not end.
  private func hold(_ server: TestServer, source: String? = nil) throws -> RawHTTP {
    let client = try RawHTTP(port: server.port, source: source)
    try client.connection.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
    _ = try client.connection.readLine()
    return client
  }

  @Test func theOneThatHasRestedLongestGivesWay() throws {
    let server = try server(4, perAddress: 4)
    var clients: [RawHTTP] = []
    for index in 0..<4 {
      let client = try RawHTTP(port: server.port)
      // One has only connected, one is in the middle of a head: neither waits for an answer.
      if index == 1 { try client.connection.send("GET / HT") } else if index > 1 { _ = try client.request("GET", "/x") }
      clients.append(client)
      try eventually("it is counted") { server.server.connectionCount == index + 1 }
    }
    for round in 0..<8 {
      let next = try RawHTTP(port: server.port)
      #expect(try next.request("GET", "/x").status == 200)
      clients.append(next)
      try clients[round].connection.waitForClose()
      try eventually("its place is free") { server.server.connectionCount == 4 }
    }
    // One that is used does not rest long.
    #expect(try clients[8].request("GET", "/x").status == 200)
    _ = try RawHTTP.get(port: server.port, "/x")
    try clients[9].connection.waitForClose()
    #expect(try clients[8].request("GET", "/x").status == 200)
    for client in clients { client.connection.close() }
    try eventually("nothing stays") { server.server.connectionCount == 0 && server.server.addresses.count == 0 }
  }

  @Test func whereNoneRestsFurtherOnesAreRefused() throws {
    let server = try server(2, perAddress: 2)
    let held = try (0..<2).map { _ in try hold(server) }
    let third = try RawHTTP(port: server.port)
    #expect(try third.readReply().status == 503)
    try third.connection.waitForClose()
    held[0].connection.close()
    try eventually("there is room again") { (try? RawHTTP.get(port: server.port, "/x").status) == 200 }
  }

  @Test func anAddressHasItsShareOnly() throws {
    let server = try server(6, perAddress: 3)
    var held = try (0..<3).map { _ in try hold(server) }
    let refused = try RawHTTP(port: server.port)
    #expect(try refused.readReply().status == 503)
    try refused.connection.waitForClose()
    let other = try RawHTTP(port: server.port, source: "127.0.0.2")
    #expect(try other.request("GET", "/x").status == 200)
    held.removeLast().connection.close()
    try eventually("its end is known") { server.server.connectionCount == 3 }
    // Its own that rest give way, and nobody else's.
    for _ in 0..<20 {
      let idle = try RawHTTP(port: server.port)
      #expect(try idle.request("GET", "/x").status == 200)
      held.append(idle)
    }
    try eventually("it has no more than its share") { server.server.connectionCount == 4 }
    #expect(try other.request("GET", "/x").status == 200)
  }

  /// The write of a long answer finds out that the peer is gone: its connection stands in no list any more.
  @Test func whoIsGoneDoesNotRest() throws {
    let (isAsked, isGone) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let configuration = HTTPServerConfiguration { _, responder in
      isAsked.signal()
      isGone.wait()
      responder.respond(HTTPResponse(body: [UInt8](repeating: 0x41, count: 200_000)))
    }
    let server = HTTPServer(configuration, shards: ShardGroup(label: "test", count: 1))
    defer { server.stop(within: 0) {} }
    let client = try RawConnection(port: try server.listen(host: "127.0.0.1", port: 0).port)
    try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    isAsked.wait()
    let load = try #require(server.addresses.load(of: "127.0.0.1"))
    client.abort()
    isGone.signal()
    try eventually("it is gone") { server.connectionCount == 0 }
    #expect(load.resting.allSatisfy { $0.since == .distantFuture })
  }

  /// What a slow reader has not taken when it is cut does not stay in the kernel.
  @Test func nothingStaysOfAReaderThatWasCut() throws {
    var limits = HTTPLimits()
    limits.writeStallTime = 0.3
    limits.rateTime = 0.3
    let server = try TestServer(limits: limits)
    let slow = try (0..<3).map { _ in try RawConnection(port: server.port) }
    for reader in slow { try reader.send(String(repeating: "GET /large HTTP/1.1\r\nHost: a\r\n\r\n", count: 30)) }
    // One that has not been accepted yet is counted by nobody, but stands in the kernel's table.
    try eventually("they are cut, and nothing is left in the kernel") {
      server.server.connectionCount == 0 && !slow.isEmpty && ConnectionRoomTests.inTheKernel(server.port).isEmpty
    }
  }

  /// What the kernel still has of connections to a port.
  private static func inTheKernel(_ port: UInt16) -> [Substring] {
    let port = String(format: ":%04X", port)
    guard let table = try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8) else { return ["no table"] }
    return table.split(separator: "\n").dropFirst().filter { line in
      let fields = line.split(separator: " ")
      // Local address, and state: 0A listens, 06 has nothing left.
      return fields.count > 4 && fields[1].hasSuffix(port) && !["0A", "06"].contains(fields[3])
    }
  }
}
