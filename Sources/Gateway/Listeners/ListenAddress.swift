import HTTPServer
import Wire

/// A listener as `--listen` names it: `HOST:PORT[=/prefix][?role=NAME]`.
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
  /// Empty for every interface.
  public let host: String
  public let port: UInt16
  public let mount: ListenerMount
  public let description: String

  public init(_ text: String, basePath: String = "") throws(AccessError) {
    description = text
    var rest = text[...]
    var role: String?
    if let mark = rest.firstIndex(of: "?") {
      let query = rest[rest.index(after: mark)...]
      guard query.hasPrefix("role="), query.count > 5, !query.contains("&") else {
        throw AccessError("--listen \(text): what follows the question mark has to be role=NAME")
      }
      role = String(query.dropFirst(5))
      rest = rest[..<mark]
    }
    var prefix = ""
    if let equals = rest.firstIndex(of: "=") {
      prefix = String(rest[rest.index(after: equals)...])
      rest = rest[..<equals]
      try ListenAddress.check(prefix: prefix, text)
      while prefix.hasSuffix("/") { prefix.removeLast() }
    }
    guard let address = try? HostPort(rest) else {
      throw AccessError("--listen \(text): expected HOST:PORT, then =/prefix and ?role=NAME where wanted")
    }
    let host = address.host
    guard !host.contains(":") || host.contains("::") || host.split(separator: ":").count == 8, !host.contains("/") else {
      throw AccessError("--listen \(text): \"\(host)\" is not a host")
    }
    self.host = host == "*" ? "" : host
    port = UInt16(clamping: address.port)
    mount = ListenerMount(prefix: prefix, basePath: basePath, role: role)
  }

  /// What paths of more than one segment begin with: the scopes, and the endpoints and pages that have more below them.
  private static let beginnings = ["server", "cluster", "account", "merged", "metrics", "debug"]

  private static func check(prefix: String, _ text: String) throws(AccessError) {
    guard prefix.hasPrefix("/") else { throw AccessError("--listen \(text): a prefix begins with a slash") }
    do throws(Refusal) {
      let segments = try RequestPath.segments(prefix)
      let inner = segments.last == "" ? segments.dropLast() : segments[...]
      guard !inner.contains("") else { throw Refusal(HTTPProblem.badPath, "a segment is empty") }
      if let first = inner.first, inner.count > 1, !ListenAddress.beginnings.contains(first) {
        let hint = NearestWord.hint(first, in: ListenAddress.beginnings)
        throw Refusal(.unknownPath, "there is no /\(first)/…\(hint); known: \(ListenAddress.beginnings.joined(separator: ", "))")
      }
    } catch {
      throw AccessError("--listen \(text): the prefix cannot be read: \(error.description)")
    }
  }

  /// Whether only this machine reaches it.
  public var isLoopback: Bool { Loopback.contains(host) }

  /// Refuses what would let strangers in unasked, and roles that are not there.
  public func check(_ options: AccessOptions) throws(AccessError) {
    guard let policy = options.policy else {
      if let role = mount.role { throw AccessError("--listen \(description): the role \(role) needs an access file (--access)") }
      guard isLoopback || options.allowUnauthenticated else {
        throw AccessError(
          "--listen \(description) reaches beyond this machine: give an access file (--access), or say --allow-unauthenticated to let anybody read"
        )
      }
      return
    }
    guard let role = mount.role, policy.roles[role] == nil else { return }
    throw AccessError(
      "--listen \(description): no role named \"\(role)\" in the access file; known: \(policy.roles.keys.sorted().joined(separator: ", "))")
  }
}
