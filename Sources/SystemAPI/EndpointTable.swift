/// The endpoints. One table routes the requests, maps and checks the parameters, drives the merging, and writes the documentation.
public enum EndpointTable {
  /// Everything that servers are asked for, in the order of the documentation.
  public static let endpoints: [Endpoint] = [
    .varz, .connz, .routez, .gatewayz, .leafz, .subsz, .jsz, .accountz, .accstatz, .statsz, .healthz, .ipqueuesz, .raftz, .expvarz, .idz,
  ]

  /// What an account is asked for, under `/account/<a>`.
  public static let accountEndpoints: [Endpoint] = [
    .accountConnz, .accountLeafz, .accountSubsz, .accountJsz, .accountInfo, .accountStatz,
  ]

  private static func index(_ list: [Endpoint]) -> [String: Endpoint] {
    var found: [String: Endpoint] = [:]
    for endpoint in list { for path in endpoint.names { found[path] = endpoint } }
    return found
  }

  private static let byPath = index(endpoints)
  private static let accountByPath = index(accountEndpoints)

  /// The endpoint of a path's last part (`varz`, `debug/vars`).
  public static func endpoint(_ path: String) -> Endpoint? { byPath[path] }

  /// The endpoint under `/account/<a>/`.
  public static func accountEndpoint(_ path: String) -> Endpoint? { accountByPath[path] }

  /// Other names of endpoints, as the segments that a path ends with, and the name that each stands for.
  private static let aliases: [(segments: [String], name: String)] = endpoints.flatMap { endpoint in
    endpoint.aliases.map { ($0.split(separator: "/").map(String.init), endpoint.name) }
  }

  /// One spelling for endpoints that have two names: the segments with the endpoint's own name at the end.
  public static func canonical(_ path: [String]) -> [String] {
    for (segments, name) in aliases where path.count >= segments.count && path.suffix(segments.count).elementsEqual(segments) {
      return path.dropLast(segments.count) + [name]
    }
    return path
  }

  private static let commandLineNames = endpoints.filter(\.hidesCommandLines).flatMap(\.names)

  /// Whether the answer to this path, percent-encoded, may hold a process's command line.
  public static func mayHoldCommandLines(_ path: String) -> Bool {
    // An escape may spell the name in another way.
    commandLineNames.contains { path.hasSuffix($0) } || path.utf8.contains(UInt8(ascii: "%"))
  }
}
