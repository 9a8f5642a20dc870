/// Where entries lie. People go by it; programs go by the manifest.
enum ArchivePath {
  static let manifest = "capture/misc/manifest.json"
  /// What stands for the cluster of a server that has none.
  static let unclustered = "unclustered"
  /// Pages of one folder: their names have four digits.
  static let mostPages = 9_999

  static func page(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits + ".json"
  }
}

/// What is put into an archive.
public enum Artifact: Sendable, Hashable {
  /// A server's reply. An empty cluster is none.
  case server(ArtifactType, cluster: String, server: String)
  /// What one server says of an account.
  case account(ArtifactType, account: String, cluster: String, server: String)
  /// What one server says of a stream; the cluster is that of the stream's raft group.
  case stream(account: String, stream: String, cluster: String, server: String)
  case profile(name: String, cluster: String, server: String)
  /// What belongs to the whole archive: a name, and the ending of its file.
  case special(name: String, ending: String)

  /// Its labels in the manifest.
  public var tags: ArchiveTags {
    switch self {
    case .server(let type, let cluster, let server): ArchiveTags(cluster: named(cluster), server: server, type: type)
    case .account(let type, let account, let cluster, let server):
      ArchiveTags(account: account, cluster: named(cluster), server: server, type: type)
    case .stream(let account, let stream, let cluster, let server):
      ArchiveTags(account: account, cluster: named(cluster), server: server, stream: stream, type: .streamInfo)
    case .profile(let name, let cluster, let server):
      ArchiveTags(cluster: named(cluster), server: server, type: .profile, profileName: name)
    case .special(let name, _): ArchiveTags(special: name)
    }
  }

  /// The parts of its path; of pages without the page's own name.
  var parts: [String] {
    switch self {
    case .server(let type, let cluster, let server): ["capture", "clusters", named(cluster), server, type.rawValue]
    case .account(let type, let account, let cluster, let server):
      ["capture", "accounts", account, "servers", "\(named(cluster))__\(server)", type.rawValue]
    case .stream(let account, let stream, let cluster, let server):
      [
        "capture", "accounts", account, "streams", stream, "replicas", "\(named(cluster))__\(server)", ArtifactType.streamInfo.rawValue,
      ]
    case .profile(let name, let cluster, let server): ["capture", "profiles", named(cluster), "\(server)__\(name).prof"]
    case .special(let name, let ending): ["capture", "misc", "\(name).\(ending)"]
    }
  }

  /// The names that others have given, each of which has to be a part of the path by itself.
  var names: [String] { tags.all.filter { $0.label != .artifactType }.map(\.value) }

  /// Whether several of these are pages of one folder.
  var isPaged: Bool {
    switch self {
    case .server, .account, .stream: true
    case .profile, .special: false
    }
  }

  private func named(_ cluster: String) -> String { cluster.isEmpty ? ArchivePath.unclustered : cluster }
}
