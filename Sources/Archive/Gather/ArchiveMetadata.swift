import Wire

/// Who made an archive, when, and how it reached the system.
public struct ArchiveMetadata: Sendable, Equatable {
  /// RFC 3339 with nanoseconds, in UTC.
  public var captured = ""
  public var serverName = ""
  public var serverVersion = ""
  /// Without passwords and tokens.
  public var url = ""
  public var userName = ""
  /// Of the program that made it.
  public var version = ""

  /// The name of its special entry.
  public static let special = "audit_gather_metadata"
  /// The name of the special entry that holds the run's log.
  public static let log = "audit_gather_log"

  public init() {}

  private static var members: [(name: StaticString, place: WritableKeyPath<ArchiveMetadata, String>)] {
    [
      ("capture_timestamp", \.captured), ("connected_server_name", \.serverName), ("connected_server_version", \.serverVersion),
      ("connect_url", \.url), ("user_name", \.userName), ("version", \.version),
    ]
  }

  /// - Throws: where the bytes are no JSON object. What is missing is empty.
  public init(_ bytes: [UInt8]) throws(ArchiveError) {
    guard let view = try? JSONView(validating: bytes), view.kind == .object else {
      throw .noJSON("\"\(ArchiveMetadata.special)\"")
    }
    for (name, place) in ArchiveMetadata.members { self[keyPath: place] = view[name]?.string ?? "" }
  }

  /// The JSON, indented and with a line feed at its end.
  public var encoded: [UInt8] {
    var json = JSONWriter(indent: 2)
    json.object { json in
      for (name, place) in ArchiveMetadata.members {
        json.key(name)
        json.string(self[keyPath: place])
      }
    }
    return json.bytes + [UInt8(ascii: "\n")]
  }
}
