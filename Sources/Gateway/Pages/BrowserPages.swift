import Glibc
import HTTPServer
import Identity

/// The pages for browsers: files below `/assets/`, and `index.html` wherever a browser asks for an answer that has a view.
struct AssetsPage: Page {
  let description = PageDescription.assets
  private let files: StaticFiles

  /// - Parameter directory: Nil comes back where it holds no `index.html`.
  init?(directory: String) {
    files = StaticFiles(directory: directory)
    guard files.paths.contains("/index.html") else { return nil }
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

/// Finds the folder of the pages for browsers.
public enum BrowserPages {
  /// `NATSIGHT_PUBLIC` if set; else `Public` beside the executable, in `../share/natsight` of it, or in a folder above
  /// it (a build tree); else in the working folder. Nil where there is none.
  public static func findDirectory() -> String? {
    if let set = getenv("NATSIGHT_PUBLIC") { return String(cString: set) }
    var candidates: [String] = []
    if var folder = executableFolder() {
      candidates.append(folder + "/../share/natsight/Public")
      for _ in 0..<6 {
        candidates.append(folder + "/Public")
        guard let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else { break }
        folder = String(folder[..<slash])
      }
    }
    candidates.append("Public")
    return candidates.first { access($0 + "/index.html", R_OK) == 0 }
  }

  private static func executableFolder() -> String? {
    guard let path = FileAccess.ownExecutable else { return nil }
    return path.lastIndex(of: "/").map { String(path[..<$0]) }
  }
}
