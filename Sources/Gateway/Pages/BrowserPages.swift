import HTTPServer
import Wire

/// The pages for browsers: files below `/assets/`, and `index.html` wherever a browser asks for an answer that has a view.
struct AssetsPage: Page {
  let description = PageDescription.assets
  private let files: StaticFiles

  /// Nil where there is no `index.html` among the files.
  init?(_ files: StaticFiles) {
    guard files.paths.contains("/index.html") else { return nil }
    self.files = files
  }

  func answer(_ page: PageRequest, _ exit: Exit) {
    guard let http = page.request.http, let response = files.response(path: "/" + page.path.rest.joined(separator: "/"), request: http)
    else {
      return exit.send(Refusal(.unknownPath, "there is no such file").response)
    }
    exit.send(response)
  }

  /// The page that shows an answer. Its links to files lead there from wherever it is asked for, also below a base path, and behind a
  /// proxy that shows the gateway below a path of its own: they are relative.
  func view(_ request: GatewayRequest) -> HTTPResponse? {
    guard let http = request.http, var reply = files.response(path: "/index.html", request: http) else { return nil }
    let root = AssetsPage.wayToRoot(from: http.head.rawPath, basePath: request.basePath)
    var page = String(decoding: reply.body, as: UTF8.self).replacing("=\"/", with: "=\"\(root)")
    if !request.basePath.isEmpty { page = page.replacing("<html ", with: "<html data-base ", maxReplacements: 1) }
    reply.body = Array(page.utf8)
    reply.gzippedBody = nil
    reply.isCompressible = true
    // The gateway says about every answer that it is not to be stored and what it varies by.
    reply.headers.removeAll { $0.name == "Vary" || $0.name == "Cache-Control" || $0.name == "ETag" }
    return reply
  }

  /// The relative way from a path to the root of the gateway's paths: `./`, `../../`, or `mon/` from `/mon` itself.
  static func wayToRoot(from path: String, basePath: String) -> String {
    // nats-server's base path has no slash behind it.
    if path == basePath, let last = basePath.split(separator: "/").last { return "./\(last)/" }
    let depth = path.utf8.count { $0 == UInt8(ascii: "/") } - basePath.utf8.count { $0 == UInt8(ascii: "/") } - 1
    return depth > 0 ? String(repeating: "../", count: depth) : "./"
  }
}
