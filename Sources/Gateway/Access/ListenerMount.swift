import HTTPServer
import Wire

/// What a listener puts in front of paths and whom it lets in.
public struct ListenerMount: Sendable, Equatable {
  /// Put in front of every path, percent-encoded, such as `/server/a1`; empty for none.
  public var prefix = ""
  /// What paths begin with on this listener and is taken away, as nats-server's `http_base_path`; empty for none.
  public var basePath = ""
  /// The role of callers without credentials.
  public var role: String?
  /// It is a server's own port: it answers whatever host a request names and, without credentials, whatever its method is, and knows one
  /// spelling of the base path, as nats-server's does.
  public var isServersOwn = false

  public init(prefix: String = "", basePath: String = "", role: String? = nil) {
    self.prefix = prefix
    self.basePath = ListenerMount.normalized(basePath)
    self.role = role
  }

  /// The path to answer, percent-encoded.
  ///
  /// - Throws: 404 for a path that does not begin with the base path.
  func path(_ head: HTTPRequestHead) throws(Refusal) -> String {
    var path = head.rawPath
    if !basePath.isEmpty {
      // nats-server serves the base path without a slash behind it, and what is below it. Whoever types an address adds one.
      guard path == basePath || path.hasPrefix(basePath + "/"), !isServersOwn || path != basePath + "/" else {
        throw Refusal(.unknownPath, "paths on this listener begin with \(basePath)")
      }
      path.removeFirst(basePath.count)
      if path.isEmpty { path = "/" }
    }
    if prefix.isEmpty { return path }
    return path == "/" ? prefix : prefix + path
  }

  /// A leading slash, no double and no trailing ones, no dot segments; empty for the root.
  static func normalized(_ path: String) -> String {
    var segments: [Substring] = []
    for segment in path.split(separator: "/") {
      switch segment {
      case ".": break
      case "..": _ = segments.popLast()
      default: segments.append(segment)
      }
    }
    return segments.isEmpty ? "" : "/" + segments.joined(separator: "/")
  }
}
