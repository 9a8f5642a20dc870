import Compression
import Glibc
import Wire

/// Small files, held in memory: those of a directory, read once, or others.
///
/// A request path is looked up as a whole among the paths that were found, so no path can lead out of a directory. Hidden files and
/// symbolic links are left out.
public final class StaticFiles: Sendable {
  struct File: Sendable {
    let body: [UInt8]
    let gzipped: [UInt8]?
    let contentType: String
    let tag: String
  }

  /// Sent with every file: nothing but the page's own origin, no frames, no plug-ins, no guessing of types.
  public static let securityHeaders = [
    HTTPHeader(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    HTTPHeader("X-Content-Type-Options", "nosniff"),
    HTTPHeader("Referrer-Policy", "no-referrer"),
    HTTPHeader("Cross-Origin-Opener-Policy", "same-origin"),
    HTTPHeader("Cross-Origin-Resource-Policy", "same-origin"),
  ]

  private static let largestFile = 8 * 1024 * 1024
  private static let mostFiles = 2_000

  private let files: [String: File]

  /// Reads everything below `directory`. A directory that is missing holds no files.
  public init(directory: String) { files = Self.read(directory) }

  /// Files that are in memory already.
  ///
  /// - Parameter files: Each with its path, which begins with a slash.
  public init(_ files: [(path: String, body: [UInt8])]) {
    self.files = Dictionary(files.map { ($0.path, Self.makeFile($0.path, $0.body)) }) { first, _ in first }
  }

  /// The paths served, each beginning with a slash.
  public var paths: [String] { files.keys.sorted() }

  /// The response for a decoded path such as `/app.js`; `/` is `/index.html`. Nil where there is no such file.
  public func response(path: String, request: HTTPRequest, cacheControl: String = "no-cache") -> HTTPResponse? {
    let path = path.hasSuffix("/") ? path + "index.html" : path
    guard let file = files[path] else { return nil }
    let isGzipped = file.gzipped != nil && request.acceptsGzip
    // RFC 9110 section 8.8.3.3: each encoding is a representation with a tag of its own.
    let tag = isGzipped ? "\"\(file.tag)-gzip\"" : "\"\(file.tag)\""
    var response = HTTPResponse(contentType: file.contentType, headers: Self.securityHeaders)
    response.headers += [HTTPHeader("ETag", tag), HTTPHeader("Cache-Control", cacheControl), HTTPHeader("Vary", "Accept-Encoding")]
    if Self.matches(request.head.list("if-none-match"), tag) {
      response.status = 304
      response.contentType = ""
      return response
    }
    response.body = file.body
    response.gzippedBody = file.gzipped
    response.isCompressible = file.gzipped != nil
    return response
  }

  /// Weak comparison of RFC 9110 section 13.1.2.
  static func matches(_ field: String?, _ tag: String) -> Bool {
    guard let field else { return false }
    return field.split(separator: ",").contains { element in
      var text = element.drop { $0 == " " || $0 == "\t" }
      while text.last == " " || text.last == "\t" { text.removeLast() }
      if text == "*" { return true }
      if text.hasPrefix("W/") { text.removeFirst(2) }
      return text == tag
    }
  }

  // MARK: Reading

  private static func read(_ directory: String) -> [String: File] {
    var files: [String: File] = [:]
    walk(directory, "", depth: 0, &files)
    return files
  }

  private static func walk(_ directory: String, _ prefix: String, depth: Int, _ files: inout [String: File]) {
    guard depth < 8, let handle = opendir(directory) else { return }
    defer { closedir(handle) }
    while let entry = readdir(handle), files.count < mostFiles {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasPrefix(".") { continue }
      var status = stat()
      guard lstat("\(directory)/\(name)", &status) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: walk("\(directory)/\(name)", "\(prefix)/\(name)", depth: depth + 1, &files)
      case S_IFREG:
        guard Int(status.st_size) <= largestFile, let body = contents("\(directory)/\(name)") else { continue }
        files["\(prefix)/\(name)"] = makeFile(name, body)
      default: break
      }
    }
  }

  private static func contents(_ path: String) -> [UInt8]? {
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { return nil }
    defer { close(fd) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= largestFile {
      let count = Glibc.read(fd, &piece, piece.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        return nil
      }
      bytes.append(contentsOf: piece[..<count])
    }
    return nil
  }

  private static func makeFile(_ name: String, _ body: [UInt8]) -> File {
    let (type, isText) = contentType(name)
    let gzipped = isText && body.count > HTTPResponder.compressionThreshold ? Gzip.compress(body, level: 9) : nil
    return File(body: body, gzipped: gzipped, contentType: type, tag: hash(body))
  }

  /// FNV-1a over 64 bits, with the length: enough to tell versions of one file apart.
  private static func hash(_ bytes: [UInt8]) -> String {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(value, radix: 16) + "-" + String(bytes.count, radix: 16)
  }

  /// The media type of a file name, and whether it is worth compressing.
  static func contentType(_ name: String) -> (type: String, isText: Bool) {
    switch name.split(separator: ".").last.map({ $0.lowercased() }) {
    case "html", "htm": ("text/html; charset=utf-8", true)
    case "js", "mjs": ("text/javascript; charset=utf-8", true)
    case "css": ("text/css; charset=utf-8", true)
    case "json", "map": ("application/json", true)
    case "webmanifest": ("application/manifest+json", true)
    case "svg": ("image/svg+xml", true)
    case "txt", "md": ("text/plain; charset=utf-8", true)
    case "yml", "yaml": ("application/yaml", true)
    case "png": ("image/png", false)
    case "jpg", "jpeg": ("image/jpeg", false)
    case "gif": ("image/gif", false)
    case "ico": ("image/x-icon", false)
    case "woff2": ("font/woff2", false)
    case "wasm": ("application/wasm", false)
    default: ("application/octet-stream", false)
    }
  }
}
