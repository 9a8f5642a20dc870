import Glibc

/// An address that is served.
public struct ServedPlace: Sendable, Equatable {
  /// What a person can paste, with the base path.
  public let url: String
  /// What stands at its root, such as `/server/a1`; empty where everything does.
  public let prefix: String
}

/// The first lines of `serve`: what it listens on, what it watches or shows, and what to try.
public struct ServeBanner {
  /// In the order of the flags.
  let places: [ServedPlace]
  /// What is done with which system, in words.
  let system: String

  public init(places: [ServedPlace], system: String) {
    self.places = places
    self.system = system
  }

  public func print() {
    Swift.print(text)
    fflush(nil)
  }

  var text: String {
    """
    Natsight serves \(places.map(\.url).joined(separator: ", "))
    and \(system)
    Try:
    \(trials.map { "  \($0.0)  \($0.1)" }.joined(separator: "\n"))
    """
  }

  /// URLs to try, each with what it is: where nothing but parts is served, these.
  private var trials: [(String, String)] {
    guard let base = places.first(where: \.prefix.isEmpty)?.url else {
      return places.map { ("\($0.url)/", "what stands under \($0.prefix)") }
    }
    let paths = [("/", "the browser view"), ("/varz", "every server in one answer"), ("/metrics", "for Prometheus")]
    return paths.map { path, help in (base + path + String(repeating: " ", count: 12 - path.count), help) }
  }

  /// A base URL that a person can paste, for an address listened on.
  static func url(host: String, port: UInt16, scheme: String = "http") -> String {
    let everywhere = host.isEmpty || host == "0.0.0.0" || host == "::"
    let shown = everywhere ? "localhost" : host.contains(":") ? "[\(host)]" : host
    return "\(scheme)://\(shown):\(port)"
  }
}
