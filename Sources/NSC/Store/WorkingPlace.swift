import Identity

/// A store that the working folder lies in, or that it is: who stands in an account's folder means that account.
struct WorkingPlace {
  let storeRoot: String
  private(set) var operatorName: String?
  private(set) var account: String?

  /// Nil outside of any store.
  init?(_ directory: String) {
    if WorkingPlace.isOperator(directory) {
      storeRoot = FileAccess.parent(of: directory)
      operatorName = FileAccess.lastElement(of: directory)
      return
    }
    // The folder of the stores itself.
    if let names = try? FileAccess.list(directory), names.prefix(1000).contains(where: { WorkingPlace.isOperator("\(directory)/\($0)") }) {
      storeRoot = directory
      return
    }
    var folder = directory
    while folder.count > 1 {
      let parent = FileAccess.parent(of: folder)
      guard parent.utf8.count < folder.utf8.count else { return nil }
      folder = parent
      guard WorkingPlace.isOperator(folder) else { continue }
      storeRoot = FileAccess.parent(of: folder)
      operatorName = FileAccess.lastElement(of: folder)
      let below = String(decoding: directory.utf8.dropFirst(folder.utf8.count), as: UTF8.self).split(separator: "/")
      if below.count > 1, below[0] == "accounts" { account = String(below[1]) }
      return
    }
    return nil
  }

  /// Whether the folder is an operator's, as its `.nsc` file says.
  private static func isOperator(_ folder: String) -> Bool {
    let file = "\(folder)/.nsc"
    guard FileAccess.isFile(file), let bytes = try? FileAccess.read(file, limit: 1 << 16), let info = try? ClaimValue(json: bytes) else {
      return false
    }
    return info["kind"] == .string("operator")
  }
}
