import Identity

/// Replies of a real server, which tests read too.
enum Captured {
  private static let folder = "Tests/GatewayTests/Fixtures/2.14.5/"
  private static let ownID = "NB46U4NECITDM3RL6VOJXICOZCWJE5MJSC7ULKBBKXY7FCNHKXAEHK3R"

  /// The reply of n1.
  private static func reply(_ endpoint: String) throws -> String {
    let path = folder + endpoint + ".jsonl"
    let bytes: [UInt8]
    do { bytes = try FileAccess.read(path) } catch { throw GateError(description: "\(path) cannot be read: \(error)") }
    guard let line = bytes.split(separator: 0x0A).first else { throw GateError(description: "\(path) is empty") }
    return String(decoding: line, as: UTF8.self)
  }

  /// The id of the server called n17 and the like.
  static func id(_ name: String) -> String { String(ownID.dropLast(name.count)) + name.uppercased() }

  /// The same reply from each of several servers.
  static func replies(_ endpoint: String, of names: [String]) throws -> [[UInt8]] {
    let template = try reply(endpoint)
    return names.map { name in
      let named = template.replacing(ownID, with: id(name)).replacing("\"name\":\"n1\",\"host\"", with: "\"name\":\"\(name)\",\"host\"")
      return Array(named.replacing("\"active_servers\":4", with: "\"active_servers\":\(names.count)").utf8)
    }
  }
}
