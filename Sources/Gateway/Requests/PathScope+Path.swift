import Wire

extension PathScope {
  /// The scope as the beginning of a path, percent-encoded.
  public var encodedPath: String {
    switch self {
    case .system: ""
    case .cluster(let name): "/cluster/" + Self.encoded(name)
    case .server(let name, let cluster): (cluster.map { "/cluster/" + Self.encoded($0) } ?? "") + "/server/" + Self.encoded(name)
    case .account(let name): "/account/" + Self.encoded(name)
    }
  }

  /// The path of something in this scope, for a link; `instead` where the scope's name can be in no path.
  func link(_ rest: String, instead: String) -> String {
    let path = encodedPath
    return (try? RequestPath(path)) == nil ? instead : path + rest
  }

  /// Text as a segment of a path or a value of a query.
  public static func encoded(_ text: String) -> String {
    var out = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x24: out.unicodeScalars.append(Unicode.Scalar(byte))
      default: out += "%" + Hexadecimal.encode([byte]).uppercased()
      }
    }
    return out
  }
}
