import Identity

/// A keystore as the first tutorials have it, brought into the places of 2019, which today's nsc reads too.
extension KeyStore {
  var needsMigration: Bool { !tutorialFiles().isEmpty }

  /// Copies every seed and creds file to its new place; the old folders are moved aside, as they are.
  ///
  /// - Parameter aside: The folder that the old ones are moved to.
  /// - Returns: Creds files at the new place that stay, because they were issued later than the old ones.
  func migrate(aside: String) throws -> [String] {
    var newer: [String] = []
    for file in tutorialFiles() {
      guard let pair = read(file) else { throw NSCError("`\(file)` holds no seed: move it away, or mend it, and migrate again") }
      let place = path(pair.publicKey)
      try FileAccess.makeDirectory(FileAccess.parent(of: place))
      try FileAccess.writeAtomically(place, Array(try pair.seed().utf8))
    }
    let old = operatorFolders()
    for name in old {
      for account in names("\(root)/\(name)/accounts") {
        let users = "\(root)/\(name)/accounts/\(account)/users"
        for file in names(users) where file.hasSuffix(".creds") {
          let place = "\(root)/creds/\(name)/\(account)/\(file)"
          if FileAccess.exists(place), issueTime(place) > issueTime("\(users)/\(file)") {
            newer.append(place)
            continue
          }
          try FileAccess.makeDirectory(FileAccess.parent(of: place))
          try FileAccess.writeAtomically(place, try FileAccess.read("\(users)/\(file)"))
        }
      }
    }
    try FileAccess.makeDirectory(aside)
    for name in old { try FileAccess.move("\(root)/\(name)", "\(aside)/\(name)") }
    return newer
  }

  /// When the user of a creds file was issued; never, for what holds none.
  private func issueTime(_ creds: String) -> Int64 {
    (try? Token.decode(Credentials(file: creds).jwt, as: UserClaims.self))?.standard.issuedAt ?? .min
  }

  private func operatorFolders() -> [String] {
    let files = tutorialFiles()
    return names(root).filter { name in files.contains { $0.hasPrefix("\(root)/\(name)/") } }
  }

  /// Moves what lies under an account's name to its new one: creds, and in the tutorial's layout its seeds.
  func rename(account old: String, to new: String, operatorName: String) throws {
    let creds = "\(root)/creds/\(operatorName)"
    if FileAccess.isDirectory("\(creds)/\(old)") { try FileAccess.move("\(creds)/\(old)", "\(creds)/\(new)") }
    let folder = "\(root)/\(operatorName)/accounts"
    guard FileAccess.isDirectory("\(folder)/\(old)") else { return }
    try FileAccess.move("\(folder)/\(old)", "\(folder)/\(new)")
    if FileAccess.isFile("\(folder)/\(new)/\(old).nk") {
      try FileAccess.move("\(folder)/\(new)/\(old).nk", "\(folder)/\(new)/\(new).nk")
    }
  }

  /// Whether anything lies under the account's name.
  func hasFiles(account: String, operatorName: String) -> Bool {
    FileAccess.exists("\(root)/creds/\(operatorName)/\(account)") || FileAccess.exists("\(root)/\(operatorName)/accounts/\(account)")
  }
}
