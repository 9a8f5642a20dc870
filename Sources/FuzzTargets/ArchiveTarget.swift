import Archive
import Gateway
import Wire

extension FuzzTarget {
  /// A ZIP file, and where it is one an archive: whatever can be read is what its directory says, and can be written and read again.
  public static let archive = FuzzTarget(name: "archive") { input in
    var limits = ZipLimits()
    (limits.entries, limits.entryBytes, limits.totalBytes) = (200, 1 << 20, 4 << 20)
    guard let zip = try? ZipReader(ZipBytes(input), limits: limits) else { return nil }
    if let opened = try? OpenedArchive(bytes: input), opened.notes.count > 250 { return "\(opened.notes.count) notes" }
    if zip.entries.count > limits.entries { return "\(zip.entries.count) entries" }
    if Set(zip.entries.map(\.name)).count != zip.entries.count { return "two entries of one name" }
    var found: [(name: String, bytes: [UInt8])] = []
    for entry in zip.entries {
      if EntryPath.fault(in: entry.name.utf8) != nil { return "a name that is no path" }
      guard let bytes = try? zip.read(entry) else { continue }
      if bytes.count != Int(entry.size) { return "\(bytes.count) bytes, not \(entry.size)" }
      found.append((entry.name, bytes))
    }
    return written(found) ?? opened(zip)
  }

  private static func written(_ entries: [(name: String, bytes: [UInt8])]) -> String? {
    var bytes: [UInt8] = []
    do {
      let writer = try ZipWriter(modified: .zero) { bytes += $0 }
      for entry in entries { try writer.add(entry.name, entry.bytes) }
      try writer.finish()
      // What is packed again is packed tighter than what it came from, perhaps.
      var limits = ZipLimits()
      limits.ratio = 2_000
      let reader = try ZipReader(ZipBytes(bytes), limits: limits)
      if reader.entries.map(\.name) != entries.map(\.name) { return "writing changes the names" }
      for (entry, known) in zip(reader.entries, entries) where try reader.read(entry) != known.bytes { return "writing changes the bytes" }
      return nil
    } catch {
      return "what was read cannot be written: \(error)"
    }
  }

  private static func opened(_ zip: ZipReader) -> String? {
    guard let archive = try? ArchiveReader(zip) else { return nil }
    if (try? ArchiveManifest(json: archive.manifest.encoded))?.entries != archive.manifest.entries { return "writing changes the manifest" }
    if let metadata = try? archive.metadata(), (try? ArchiveMetadata(metadata.encoded)) != metadata {
      return "writing changes the metadata"
    }
    for cluster in archive.clusters.prefix(4) {
      let question = ArchiveTags(cluster: cluster)
      if archive.entries(question).contains(where: { $0.tags.cluster != cluster }) { return "an answer to another question" }
      let connections = archive.servers(inCluster: cluster).prefix(4).flatMap { server in
        (try? archive.connections(cluster: cluster, server: server)) ?? []
      }
      for reply in ((try? archive.replies(question)) ?? []) + connections where (try? JSONView(validating: reply.bytes)) == nil {
        return "joining makes what is no JSON"
      }
    }
    return nil
  }
}
