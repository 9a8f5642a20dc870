import Wire

/// Which entry of an archive is what.
public struct ArchiveManifest: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public let path: String
    public let tags: ArchiveTags

    public init(path: String, tags: ArchiveTags) { (self.path, self.tags) = (path, tags) }
  }

  /// By path.
  public let entries: [Entry]
  /// Labels that are not known here, each once; entries may have them all the same. At most 100.
  public let unknownLabels: [String]

  public init(_ entries: [Entry]) {
    self.entries = entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    unknownLabels = []
  }

  /// Reads what ``encoded`` and `nats audit gather` write.
  ///
  /// - Throws: ``ArchiveError`` where it is of another form, or contradicts itself.
  public init(json bytes: [UInt8]) throws(ArchiveError) {
    guard let view = try? JSONView(validating: bytes), view.kind == .object else {
      throw .damagedManifest("expected a JSON object of paths")
    }
    var reader = Reader()
    for (name, value) in view.memberRanges {
      try reader.take(JSONText.decode(bytes, name), JSONView(bytes: bytes, range: value))
    }
    entries = reader.entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    unknownLabels = reader.unknown.sorted()
    for (one, other) in zip(entries, entries.dropFirst()) where one.path == other.path {
      throw .damagedManifest("\(one.path.debugDescription) stands there twice")
    }
  }

  private struct Reader {
    var entries: [Entry] = []
    var unknown: Set<String> = []
    /// Each value is kept once: of many entries few names are different.
    private var known: Set<String> = []

    mutating func take(_ path: String, _ value: JSONView) throws(ArchiveError) {
      let shown = path.debugDescription
      guard value.kind == .array else { throw .damagedManifest("expected a list of tags for \(shown)") }
      var tags = ArchiveTags()
      for tag in value.elements {
        guard let name = tag["Name"]?.string, let value = tag["Value"]?.string else {
          throw .damagedManifest("a tag of \(shown) has no name, or no value")
        }
        guard let label = ArchiveTags.Label(rawValue: name) else {
          if unknown.count < 100 { unknown.insert(name) }
          continue
        }
        guard tags[label] == nil else { throw .damagedManifest("\(shown) has two tags \(name)") }
        tags[label] = known.insert(value).memberAfterInsert
      }
      guard tags.special == nil || tags.all.count == 1 else {
        throw .damagedManifest("\(shown) is for the whole archive, and for a part of it")
      }
      entries.append(Entry(path: path, tags: tags))
    }
  }

  /// The JSON, by path, indented and with a line feed at its end.
  public var encoded: [UInt8] {
    var json = JSONWriter(indent: 2, capacity: entries.count * 400)
    json.object { json in
      for entry in entries {
        json.key(entry.path)
        json.array { json in
          for (label, value) in entry.tags.all {
            json.object { json in
              json.key("Name")
              json.string(label.rawValue)
              json.key("Value")
              json.string(value)
            }
          }
        }
      }
    }
    return json.bytes + [UInt8(ascii: "\n")]
  }
}
