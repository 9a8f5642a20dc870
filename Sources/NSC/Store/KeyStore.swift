import Identity

/// Seeds on disk. Written in the layout in use; found in all three.
struct KeyStore {
  let root: String
  let layout: NSCLayout
  private let writesIgnoreFile: Bool

  init(_ environment: NSCEnvironment) {
    root = environment.keysPath
    layout = environment.layout
    writesIgnoreFile = layout != .tutorial && (environment.variable("NSC_NO_GIT_IGNORE") ?? "").isEmpty
  }

  /// A keystore of today's layout in a folder of its own.
  init(root: String) {
    self.root = root
    layout = .current
    writesIgnoreFile = false
  }

  /// Whose key it is, which only the tutorial's layout needs to know.
  struct Owner {
    var operatorName = ""
    var account: String?
    var user: String?
    /// Signing keys have no place of their own in the tutorial's layout.
    var isSigningKey = false
  }

  func path(_ publicKey: String) -> String {
    let letters = Array(publicKey)
    guard letters.count > 3 else { return "\(root)/keys/\(publicKey).nk" }
    return "\(root)/keys/\(letters[0])/\(letters[1])\(letters[2])/\(publicKey).nk"
  }

  private func tutorialFolder(_ owner: Owner) -> String {
    var folder = "\(root)/\(owner.operatorName)"
    if let account = owner.account { folder += "/accounts/\(account)" }
    if owner.user != nil { folder += "/users" }
    return folder
  }

  func path(_ pair: KeyPair, _ owner: Owner) -> String {
    guard layout == .tutorial, !owner.isSigningKey, !owner.operatorName.isEmpty else { return path(pair.publicKey) }
    return "\(tutorialFolder(owner))/\(owner.user ?? owner.account ?? owner.operatorName).nk"
  }

  func credsPath(operatorName: String, account: String, user: String) -> String {
    if layout == .tutorial {
      return "\(tutorialFolder(Owner(operatorName: operatorName, account: account, user: user)))/\(user).creds"
    }
    return "\(root)/creds/\(operatorName)/\(account)/\(user).creds"
  }

  @discardableResult
  func store(_ pair: KeyPair, _ owner: Owner) throws -> String {
    var path = path(pair, owner)
    // The tutorial's layout has one file per name; a second key of the same name must not overwrite the first.
    if layout == .tutorial, FileAccess.exists(path), (try? Credentials.seed(inText: FileAccess.readText(path))) != pair {
      path = self.path(pair.publicKey)
    }
    try FileAccess.makeDirectory(FileAccess.parent(of: path))
    try FileAccess.writeAtomically(path, Array(try pair.seed().utf8))
    if writesIgnoreFile { try writeIgnoreFile() }
    return path
  }

  private func writeIgnoreFile() throws {
    let path = "\(root)/.gitignore"
    if FileAccess.exists(path) { return }
    try FileAccess.writeAtomically(path, Array("# ignore all nk files\n**/*.nk\n\n# ignore all creds files\n**/*.creds\n".utf8))
  }

  /// The pair of a public key, if its seed is stored.
  func find(_ publicKey: String) -> KeyPair? {
    if let pair = read(path(publicKey)), pair.publicKey == publicKey { return pair }
    return tutorialFiles().lazy.compactMap { read($0) }.first { $0.publicKey == publicKey }
  }

  /// The file of a public key's seed; nil when it is not stored.
  func place(of publicKey: String) -> String? {
    ([path(publicKey)] + tutorialFiles()).first { read($0)?.publicKey == publicKey }
  }

  func contains(_ publicKey: String) -> Bool { find(publicKey) != nil }

  func read(_ path: String) -> KeyPair? {
    guard let text = try? FileAccess.readText(path) else { return nil }
    return try? Credentials.seed(inText: text)
  }

  /// Removes the seed; false when there was none.
  func remove(_ publicKey: String) throws -> Bool {
    var removed = false
    for file in [path(publicKey)] + tutorialFiles() where read(file)?.publicKey == publicKey {
      try FileAccess.remove(file)
      removed = true
    }
    return removed
  }

  /// All stored public keys.
  func all() -> [String] {
    var keys: Set<String> = []
    for letter in names("\(root)/keys") {
      for pair in names("\(root)/keys/\(letter)") {
        for file in names("\(root)/keys/\(letter)/\(pair)") where file.hasSuffix(".nk") { keys.insert(String(file.dropLast(3))) }
      }
    }
    for file in tutorialFiles() { if let pair = read(file) { keys.insert(pair.publicKey) } }
    return keys.sorted()
  }

  func names(_ path: String) -> [String] { (try? FileAccess.list(path)) ?? [] }

  /// Seed files at the places of June 2019.
  func tutorialFiles() -> [String] {
    var files: [String] = []
    for name in names(root) where name != "keys" && name != "creds" {
      let folder = "\(root)/\(name)"
      if FileAccess.isFile("\(folder)/\(name).nk") { files.append("\(folder)/\(name).nk") }
      for account in names("\(folder)/accounts") {
        let inner = "\(folder)/accounts/\(account)"
        if FileAccess.isFile("\(inner)/\(account).nk") { files.append("\(inner)/\(account).nk") }
        for user in names("\(inner)/users") where user.hasSuffix(".nk") { files.append("\(inner)/users/\(user)") }
      }
    }
    return files
  }
}
