import Foundation
import TestSupport
import Testing

/// The pages for browsers below a path of their own.
@Suite struct BasePathTests {
  private func files(_ page: String, at path: String) throws -> [String] {
    let base = try #require(URL(string: "http://g" + path))
    return page.matches(of: /(?:href|src)="([^"]+)"/).compactMap { URL(string: String($0.1), relativeTo: base)?.absoluteURL.path }
      .filter { $0.contains("/assets/") }
  }

  @Test func everyFileIsFoundBelowIt() throws {
    let gateway = try NatsightProcess.serve(["--http-base-path", "/mon/x"])
    let port = try gateway.httpPort()
    for path in ["/mon/x", "/mon/x/", "/mon/x/varz", "/mon/x/server/a/connz", "/mon/x/cluster/c/merged/varz?limit=1"] {
      let reply = try RawHTTP.get(port: port, path, headers: ["Accept": "text/html"])
      try #require(reply.status == 200, "\(path): \(reply.text)")
      #expect(reply.text.contains("<html data-base "))
      let files = try files(reply.text, at: path)
      #expect(files.count >= 5, "\(files)")
      for file in files {
        #expect(file.hasPrefix("/mon/x/assets/"), "\(path): \(file)")
        #expect(try RawHTTP.get(port: port, file).status == 200, "\(file)")
      }
    }
    // The scripts ask for what they need by their own address.
    let script = try RawHTTP.get(port: port, "/mon/x/assets/js/place.js")
    #expect(script.status == 200 && script.text.contains("import.meta.url"))
  }

  /// As a proxy has it that shows the gateway below `/n/` and takes that away.
  @Test func everyFileIsFoundBehindAProxy() throws {
    let gateway = try NatsightProcess.serve()
    for path in ["/", "/varz", "/cluster/c/varz"] {
      let reply = try RawHTTP.get(port: gateway.httpPort(), path, headers: ["Accept": "text/html"])
      let files = try files(reply.text, at: "/n" + path)
      #expect(files.count >= 5 && files.allSatisfy { $0.hasPrefix("/n/assets/") }, "\(path): \(files)")
      #expect(!reply.text.contains("data-base"))
    }
  }
}
