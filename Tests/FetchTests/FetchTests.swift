import Fetch
import Foundation
import HTTPServer
import Reactor
import TestSupport
import Testing
import Wire

/// A server that answers as the path says.
private final class Origin: Sendable {
  let server: HTTPServer
  let listener: HTTPListener

  init(tls: TLSContext? = nil) throws {
    server = HTTPServer(HTTPServerConfiguration(handler: Origin.answer), shards: ShardGroup(label: "test.origin", count: 1))
    listener = try server.listen(host: "127.0.0.1", port: 0, tls: tls)
  }

  deinit { server.stop(within: 0) {} }

  func url(_ path: String, scheme: String = "http") -> String { "\(scheme)://127.0.0.1:\(listener.port)\(path)" }

  private static func answer(_ request: HTTPRequest, _ responder: HTTPResponder) {
    let query = request.head.rawQuery
    switch request.head.rawPath {
    case "/echo":
      let fields = request.head.headers.filter { $0.name.lowercased().hasPrefix("x-") || $0.name.lowercased() == "user-agent" }
      let text = fields.map { "\($0.name.lowercased())=\($0.value)" }.joined(separator: ";")
      responder.respond(
        .text("\(request.method) \(text) \(String(decoding: request.body, as: UTF8.self))", headers: [HTTPHeader("X-Answer", "  yes ")]))
    case "/to": responder.respond(HTTPResponse(status: 302, headers: [HTTPHeader("Location", query), HTTPHeader("X-First", "1")]))
    case "/round": responder.respond(HTTPResponse(status: 302, headers: [HTTPHeader("Location", "/round")]))
    case "/many": responder.respond(.text(String(repeating: "many ", count: Int(query) ?? 0)))
    case "/never": Origin.unanswered.add(responder)
    case "/certificate": responder.respond(.text(request.connection.clientCertificate?.subject ?? "none"))
    default: responder.respond(.text("nothing here", status: 404))
    }
  }

  /// Letting go of a responder is an answer, so they are kept.
  private static let unanswered = Kept()

  private final class Kept: @unchecked Sendable {
    // Sendable: under the lock.
    private let lock = NSLock()
    private var all: [HTTPResponder] = []
    func add(_ responder: HTTPResponder) { lock.withLock { all.append(responder) } }
  }
}

@Suite struct FetchTests {
  @Test func whatIsAskedArrivesAndWhatIsAnsweredComesBack() throws {
    let origin = try Origin()
    var request = FetchRequest(url: origin.url("/echo"))
    #expect(try Fetch.perform(request).text.hasPrefix("GET user-agent=natsight"))
    request.method = "POST"
    request.body = Array("body".utf8)
    request.headers = [("X-One", "1"), ("X-Two", "two words")]
    let response = try Fetch.perform(request)
    #expect(response.status == 200 && response.text.hasPrefix("POST ") && response.text.hasSuffix(" body"))
    #expect(response.text.contains("x-one=1") && response.text.contains("x-two=two words"))
    #expect(response.header("x-answer") == "yes" && response.header("X-Answer") == nil && response.header("x-none") == nil)
    request.body = []
    #expect(try Fetch.perform(request).text.hasSuffix("two words "))
    request.method = "DELETE"
    request.body = nil
    #expect(try Fetch.perform(request).text.hasPrefix("DELETE "))
    request.method = "HEAD"
    let head = try Fetch.perform(request)
    #expect(head.status == 200 && head.body.isEmpty && head.header("content-length") != "0")
    #expect(try Fetch.perform(FetchRequest(url: origin.url("/nowhere"))).status == 404)
  }

  @Test func compressedAnswersAreUnfolded() throws {
    let origin = try Origin()
    let response = try Fetch.perform(FetchRequest(url: origin.url("/many?10000")))
    #expect(response.header("content-encoding") == "gzip" && response.body.count == 50_000)
  }

  @Test func redirectsAreFollowedToHTTPOnly() throws {
    let origin = try Origin()
    let response = try Fetch.perform(FetchRequest(url: origin.url("/to?\(origin.url("/echo"))")))
    #expect(response.status == 200 && response.text.hasPrefix("GET "))
    #expect(response.header("x-first") == nil, "what the redirect said does not count")
    #expect(throws: FetchError.self) { try Fetch.perform(FetchRequest(url: origin.url("/to?file:///etc/passwd"))) }
    #expect(throws: FetchError.self) { try Fetch.perform(FetchRequest(url: origin.url("/round"))) }
  }

  @Test func whatIsTooLargeIsRefused() throws {
    let origin = try Origin()
    // Small on the wire: what counts is what it unfolds to.
    var request = FetchRequest(url: origin.url("/many?100000"))
    request.limit = 499_999
    #expect(throws: FetchError("\(request.url) answered with more than 499999 bytes")) { try Fetch.perform(request) }
    request.limit = 500_000
    #expect(try Fetch.perform(request).body.count == 500_000)
  }

  @Test(arguments: ["", "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1", "http:/x", "http://127.0.0.1/\0"])
  func whatIsNoURLIsRefused(_ url: String) {
    #expect(throws: FetchError("expected an http:// or https:// URL, found \"\(url)\"")) { try Fetch.perform(FetchRequest(url: url)) }
  }

  @Test func whoDoesNotAnswerIsNotWaitedForLong() throws {
    let origin = try Origin()
    var request = FetchRequest(url: origin.url("/never"))
    request.timeout = 0.2
    let error = #expect(throws: FetchError.self) { try Fetch.perform(request) }
    #expect(error?.description.hasPrefix("GET \(request.url): ") == true)
    let nobody = try Listener.open(host: "127.0.0.1", port: 0)
    let port = nobody.port
    nobody.close()
    #expect(throws: FetchError.self) { try Fetch.perform(FetchRequest(url: "http://127.0.0.1:\(port)/")) }
  }

  @Test func certificatesAreChecked() throws {
    let folder = try TemporaryFolder()
    let own = try TestCertificate(in: folder)
    let other = try TestCertificate(in: folder, name: "other")
    var options = TLSOptions()
    options.certificateFile = own.certificateFile
    options.keyFile = own.keyFile
    options.authorityFile = own.certificateFile
    options.clientCertificate = .optional
    let origin = try Origin(tls: try TLSContext.server(options))
    var request = FetchRequest(url: origin.url("/certificate", scheme: "https"))
    #expect(throws: FetchError.self) { try Fetch.perform(request) }
    request.caFile = other.certificateFile
    #expect(throws: FetchError.self) { try Fetch.perform(request) }
    request.caFile = own.certificateFile
    #expect(try Fetch.perform(request).text == "none")
    request.certificateFile = own.certificateFile
    request.keyFile = own.keyFile
    #expect(try Fetch.perform(request).text.contains("localhost"))
    request.caFile = ""
    request.insecure = true
    #expect(try Fetch.perform(request).status == 200)
  }
}
