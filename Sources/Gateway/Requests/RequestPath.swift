import HTTPServer
import SystemAPI
import Wire

/// Which servers a path speaks of.
public enum PathScope: Hashable, Sendable {
  case system
  case cluster(String)
  case server(String, cluster: String?)
  case account(String)

  /// The server, cluster or account that it names.
  var name: String {
    switch self {
    case .system: ""
    case .cluster(let name), .server(let name, _), .account(let name): name
    }
  }

  /// Its part of a path, decoded.
  var segments: [String] {
    switch self {
    case .system: []
    case .cluster(let name): ["cluster", name]
    case .server(let name, let cluster): (cluster.map { ["cluster", $0] } ?? []) + ["server", name]
    case .account(let name): ["account", name]
    }
  }

  /// The name of a merged document's server.
  var title: String {
    switch self {
    case .system: "all"
    case .cluster(let name): "cluster/\(name)"
    case .server(let name, _): "server/\(name)"
    case .account(let name): "account/\(name)"
    }
  }
}

/// A path taken apart: `[scope] [/merged] /endpoint`.
public struct RequestPath: Hashable, Sendable {
  public let scope: PathScope
  public let isMerged: Bool
  /// What follows the scope, such as `["varz"]` or `["debug", "vars"]`.
  public let rest: [String]

  /// The path with its scope in front, decoded: what roles are checked against.
  public var canonical: String { "/" + segments.joined(separator: "/") }

  /// The same in parts.
  var segments: [String] {
    scope.segments + (isMerged ? ["merged"] : []) + rest
  }

  /// - Throws: 400 for a segment that is no name; 404 for a scope without an endpoint.
  public init(_ path: String) throws(Refusal) {
    var segments = try RequestPath.segments(path)[...]
    var scope = PathScope.system
    switch segments.first {
    case "server" where segments.count > 1:
      segments.removeFirst()
      scope = .server(try RequestPath.name(segments.removeFirst(), "server"), cluster: nil)
    case "cluster" where segments.count > 1:
      segments.removeFirst()
      let cluster = try RequestPath.name(segments.removeFirst(), "cluster")
      scope = .cluster(cluster)
      if segments.first == "server", segments.count > 1 {
        segments.removeFirst()
        scope = .server(try RequestPath.name(segments.removeFirst(), "server"), cluster: cluster)
      }
    case "account" where segments.count > 1:
      segments.removeFirst()
      scope = .account(try RequestPath.name(segments.removeFirst(), "account"))
    default: break
    }
    if segments.first == "merged" {
      segments.removeFirst()
      isMerged = true
    } else {
      isMerged = false
    }
    self.scope = scope
    rest = Array(segments)
  }

  /// The same path for the account with this id.
  func withAccount(_ id: String) -> RequestPath { RequestPath(scope: .account(id), isMerged: isMerged, rest: rest) }

  private init(scope: PathScope, isMerged: Bool, rest: [String]) {
    self.scope = scope
    self.isMerged = isMerged
    self.rest = rest
  }

  /// The segments of a percent-encoded path, decoded.
  static func segments(_ path: String) throws(Refusal) -> [String] {
    do {
      return try HTTPTarget.segments(of: Array(path.utf8)[...])
    } catch {
      throw Refusal(error)
    }
  }

  private static func name(_ segment: String, _ what: String) throws(Refusal) -> String {
    do {
      try SubjectToken.checkName(segment)
    } catch {
      throw Refusal(
        .badSegment, "\"\(segment)\" cannot be the name of \(what == "account" ? "an" : "a") \(what): \(error.reason)")
    }
    return segment
  }
}
