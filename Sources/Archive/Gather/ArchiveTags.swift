/// What an entry of an archive is, by labels, of which each stands once at most. Also a question: which entries have these.
public struct ArchiveTags: Sendable, Hashable {
  public enum Label: String, Sendable, CaseIterable {
    case account, cluster, server, stream
    case artifactType = "artifact_type"
    case profileName = "profile_name"
    /// The name of what belongs to the whole archive; beside no other.
    case special
  }

  public var account: String?
  public var cluster: String?
  public var server: String?
  public var stream: String?
  public var artifactType: String?
  public var profileName: String?
  public var special: String?

  public init(
    account: String? = nil, cluster: String? = nil, server: String? = nil, stream: String? = nil, type: ArtifactType? = nil,
    profileName: String? = nil, special: String? = nil
  ) {
    (self.account, self.cluster, self.server, self.stream) = (account, cluster, server, stream)
    (artifactType, self.profileName, self.special) = (type?.rawValue, profileName, special)
  }

  /// The value of a label; nil where it is not there.
  public subscript(_ label: Label) -> String? {
    get { self[keyPath: ArchiveTags.place(label)] }
    set { self[keyPath: ArchiveTags.place(label)] = newValue }
  }

  private static func place(_ label: Label) -> WritableKeyPath<ArchiveTags, String?> {
    switch label {
    case .account: \.account
    case .cluster: \.cluster
    case .server: \.server
    case .stream: \.stream
    case .artifactType: \.artifactType
    case .profileName: \.profileName
    case .special: \.special
    }
  }

  /// The labels that are there, with their values.
  public var all: [(label: Label, value: String)] { Label.allCases.compactMap { label in self[label].map { (label, $0) } } }

  /// Whether these hold all of the question's.
  public func answer(_ question: ArchiveTags) -> Bool { question.all.allSatisfy { self[$0.label] == $0.value } }
}
