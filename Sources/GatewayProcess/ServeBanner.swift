import Glibc

/// The first lines of `serve`: what it listens on, what it watches or shows, and what to try.
public struct ServeBanner {
  /// Base URLs in the order of the flags.
  let urls: [String]
  /// What is done with which system, in words.
  let system: String

  public init(urls: [String], system: String) {
    self.urls = urls
    self.system = system
  }

  public func print() {
    let base = urls.first ?? ""
    Swift.print(
      """
      Natsight serves \(urls.joined(separator: ", "))
      and \(system)
      Try:
        \(base)/             the browser view
        \(base)/varz         every server in one answer
        \(base)/metrics      for Prometheus
      """)
    fflush(nil)
  }

  /// A base URL that a person can paste, for an address listened on.
  static func url(host: String, port: UInt16, scheme: String = "http") -> String {
    let everywhere = host.isEmpty || host == "0.0.0.0" || host == "::"
    let shown = everywhere ? "localhost" : host.contains(":") ? "[\(host)]" : host
    return "\(scheme)://\(shown):\(port)"
  }
}
