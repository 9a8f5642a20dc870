import HTTPServer

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

  /// The page that shows an answer.
  func view(_ request: GatewayRequest) -> HTTPResponse? {
    guard let http = request.http, var reply = files.response(path: "/index.html", request: http) else { return nil }
    // The gateway says about every answer that it is not to be stored and what it varies by.
    reply.headers.removeAll { $0.name == "Vary" || $0.name == "Cache-Control" || $0.name == "ETag" }
    return reply
  }
}
