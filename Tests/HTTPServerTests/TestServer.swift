import Foundation
import HTTPServer
import Reactor
import Synchronization
import TestSupport
import Wire

/// A live server on a free port, with the handlers that the tests ask for by path.
final class TestServer: Sendable {
  let server: HTTPServer
  let listener: HTTPListener
  let exchanges = Mutex<[Int]>([])
  var port: UInt16 { listener.port }

  init(limits: HTTPLimits = HTTPLimits(), tls: TLSContext? = nil, bodyLimit: Int? = nil) throws {
    var configuration = HTTPServerConfiguration(handler: TestServer.handle)
    configuration.limits = limits
    if let bodyLimit { configuration.bodyLimit = { _ in bodyLimit } }
    server = HTTPServer(configuration, shards: ShardGroup(label: "test", count: 2))
    listener = try server.listen(host: "127.0.0.1", port: 0, tls: tls)
  }

  deinit { server.stop(within: 0) {} }

  static let large = [UInt8](repeating: UInt8(ascii: "x"), count: 8 << 20)

  static let shared = SharedCompression()

  static func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
    switch request.head.rawPath {
    case "/large": responder.respond(HTTPResponse(contentType: "text/plain", body: large))
    case "/compressible": responder.respond(.text(String(repeating: "natsight ", count: 1_000)))
    case "/shared":
      var response = HTTPResponse.text(String(repeating: "natsight ", count: 1_000))
      response.sharedCompression = shared
      responder.respond(response)
    case "/later": _ = WorkerQueue.shared.run { responder.respond(.text("later \(request.head.rawQuery)")) }
    case "/never": break
    case "/echo": responder.respond(HTTPResponse(contentType: "text/plain", body: request.body))
    case "/empty": responder.respond(HTTPResponse(status: 204))
    case "/twice":
      responder.respond(.text("first"))
      responder.respond(.text("second"))
    case "/stream":
      let stream = responder.stream(contentType: "text/event-stream")
      _ = WorkerQueue.shared.run {
        for index in 0..<3 { stream.write("piece \(index)\n") }
        stream.end()
      }
    case "/endless":
      let stream = responder.stream(contentType: "text/event-stream", endless: true)
      stream.write("begun\n")
    case "/id": responder.respond(.text(request.idText))
    case "/peer":
      responder.respond(
        .text("\(request.peer.host) \(request.connection.tlsVersion ?? "plain") \(request.connection.clientCertificate?.subject ?? "-")"))
    default: responder.respond(.text("hello \(request.head.target)"))
    }
  }
}
