import Glibc

/// Account tokens in a folder, one file each: `<account key>.jwt`, plain text without a line end.
public struct TokenDirectory: Sendable {
  public let path: String
  /// Files lie in folders named after the last two characters of the key.
  public let isSharded: Bool

  /// Makes the folder (mode 0700) when it is missing.
  public init(path: String, isSharded: Bool = false) throws(FileError) {
    self.path = path
    self.isSharded = isSharded
    try FileAccess.makeDirectory(path)
    if !FileAccess.isDirectory(path) { throw FileError(operation: "open", path: path, code: 20) }
    removeLeftovers()
  }

  /// Half-written files of processes that were killed while they wrote.
  private func removeLeftovers() {
    let names = (try? FileAccess.list(path)) ?? []
    let folders = isSharded ? names.map { "\(path)/\($0)" } : [path]
    for folder in folders {
      for name in (try? FileAccess.list(folder)) ?? [] where name.hasSuffix(".tmp") {
        // `<key>.jwt.<process>.<unique>.tmp`
        let parts = name.split(separator: ".")
        guard parts.count == 5, let writer = pid_t(parts[2]), writer == getpid() || kill(writer, 0) != 0 else { continue }
        try? FileAccess.remove("\(folder)/\(name)")
      }
    }
  }

  public func file(_ id: String) -> String { isSharded ? "\(path)/\(id.suffix(2))/\(id).jwt" : "\(path)/\(id).jwt" }

  /// The stored token; nil when there is none. Ids that are no account keys are never looked for.
  public func load(_ id: String) throws(FileError) -> String? {
    guard KeyPair.isPublicKey(id, .account) else { return nil }
    do throws(FileError) {
      return String(decoding: try FileAccess.read(file(id), limit: Token.limit + 2), as: UTF8.self).trimmed
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// Stores a token so that a crash leaves the old one or the new one.
  public func save(_ id: String, _ token: String) throws(FileError) {
    guard KeyPair.isPublicKey(id, .account) else { throw FileError(operation: "write", path: id, code: 22) }
    if isSharded { try FileAccess.makeDirectory(FileAccess.parent(of: file(id))) }
    try FileAccess.writeAtomically(file(id), Array(token.utf8))
  }

  /// Removes a token, or with `keeping` renames its file to `<id>.jwt.deleted`. False when there was none.
  public func delete(_ id: String, keeping: Bool) throws(FileError) -> Bool {
    guard KeyPair.isPublicKey(id, .account), FileAccess.isFile(file(id)) else { return false }
    if keeping { try FileAccess.move(file(id), file(id) + ".deleted") } else { try FileAccess.remove(file(id)) }
    FileAccess.syncDirectory(FileAccess.parent(of: file(id)))
    return true
  }

  /// The keys of all stored accounts, sorted.
  public func ids() -> [String] {
    let names = (try? FileAccess.list(path)) ?? []
    var files = names
    if isSharded { files = names.flatMap { (try? FileAccess.list("\(path)/\($0)")) ?? [] } }
    return files.filter { $0.hasSuffix(".jwt") }.map { String($0.dropLast(4)) }.filter { KeyPair.isPublicKey($0, .account) }.sorted()
  }

  /// What two stores compare: the XOR of the SHA-256 of every token, 32 bytes; zeros for an empty store.
  public static func digest(_ tokens: some Sequence<String>) -> [UInt8] {
    var sum = [UInt8](repeating: 0, count: 32)
    for token in tokens {
      for (index, byte) in Digest.sha256(Array(token.utf8)).enumerated() { sum[index] ^= byte }
    }
    return sum
  }
}
