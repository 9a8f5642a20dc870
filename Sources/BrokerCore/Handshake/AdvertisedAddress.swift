import Wire

/// What others are told of a listener: its own address, or the one that the configuration has instead, which may leave the port out.
struct AdvertisedAddress {
  let host: String
  let port: Int

  init(_ advertised: String?, instead host: String, _ port: Int) {
    guard let advertised, !advertised.isEmpty else {
      (self.host, self.port) = (host, port)
      return
    }
    // More than one colon outside of brackets: an IPv6 address without a port.
    let isBare = !advertised.contains("[") && advertised.firstIndex(of: ":") != advertised.lastIndex(of: ":")
    let address = isBare ? nil : try? HostPort(advertised)
    let bare = advertised.first == "[" && advertised.last == "]" ? String(advertised.dropFirst().dropLast()) : advertised
    self.host = address.map { $0.host.isEmpty ? host : $0.host } ?? bare
    self.port = address.map { $0.port == 0 ? port : $0.port } ?? port
  }

  /// `host:port`, with brackets where they are needed.
  var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
