import Foundation
import HTTPServer
import Reactor
import TestSupport
import Testing
import Wire

@Suite struct StaticFilesTests {
  @Test func servesWhatIsThereAndNothingElse() throws {
    let folder = try TemporaryFolder()
    try folder.write("<p>home</p>", to: "index.html")
    try folder.write(String(repeating: "let a = 1;\n", count: 300), to: "app.js")
    try folder.write("secret", to: ".hidden")
    let files = StaticFiles(directory: folder.path)
    #expect(files.paths == ["/app.js", "/index.html"])
    let configuration = HTTPServerConfiguration { request, responder in
      guard let segments = try? request.head.pathSegments(),
        let response = files.response(path: "/" + segments.joined(separator: "/"), request: request)
      else { return responder.respond(.text("no such file\n", status: 404)) }
      responder.respond(response)
    }
    let server = HTTPServer(configuration, shards: ShardGroup(label: "files", count: 1))
    defer { server.stop(within: 0) {} }
    let port = try server.listen(host: "127.0.0.1", port: 0).port
    let home = try RawHTTP.get(port: port, "/")
    #expect(home.text == "<p>home</p>")
    #expect(home.headers["content-type"] == "text/html; charset=utf-8")
    #expect(home.headers["content-security-policy"]?.contains("default-src 'none'") == true)
    #expect(home.headers["x-content-type-options"] == "nosniff")
    let tag = try #require(home.headers["etag"])
    for field in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
      let unchanged = try RawHTTP.get(port: port, "/index.html", headers: ["If-None-Match": field])
      #expect(unchanged.status == 304)
      #expect(unchanged.headers["etag"] == tag)
    }
    #expect(try RawHTTP.get(port: port, "/", headers: ["If-None-Match": "\"x\""]).status == 200)
    let script = try RawHTTP.get(port: port, "/app.js", headers: ["Accept-Encoding": "gzip"])
    #expect(script.headers["content-encoding"] == "gzip")
    #expect(script.headers["etag"]?.hasSuffix("-gzip\"") == true)
    #expect(try script.unzipped().count == 3_300)
    for path in [
      "/../etc/passwd", "/%2e%2e/etc/passwd", "/.hidden", "/..%2f..%2fetc%2fpasswd", "//etc/passwd", "/app.js/", "/APP.JS", "/app.js%00",
    ] {
      #expect(try RawHTTP.get(port: port, path).status == 404, "\(path)")
    }
  }
}
