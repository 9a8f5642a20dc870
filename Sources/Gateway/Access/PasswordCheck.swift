import Identity

/// The work that a wrong password is answered after: as much for each name, be it known or not, so that nobody can tell names by time.
struct PasswordCheck: Sendable, Equatable {
  /// The hash to compare with; nil where there is none, because nobody has that name or the password is kept as it is.
  let hash: String?
  /// Costs of what is computed besides, where the hash alone is not as dear as the dearest of the file.
  let padding: [Int]

  /// - Parameters:
  ///   - stored: What the file holds for the name; nil for a name that is not there.
  ///   - dearest: The highest cost among the hashes of the file; nil for a file without any.
  init(stored: String?, dearest: Int?) {
    let cost = stored.flatMap(Password.cost(ofHash:))
    hash = cost == nil ? nil : stored
    guard let dearest else {
      padding = []
      return
    }
    // A hash of cost c takes 2^c: with those of c, c + 1, … below the dearest it adds up to the dearest.
    padding = cost.map { Array($0..<max($0, dearest)) } ?? [dearest]
  }

  /// Whether nothing slow has to be computed.
  var isFree: Bool { hash == nil && padding.isEmpty }

  /// What it takes, in units of a hash of cost 0.
  var work: UInt64 { ((hash.flatMap(Password.cost(ofHash:)).map { [$0] } ?? []) + padding).reduce(0) { $0 + 1 << UInt64($1) } }

  /// Compares. Blocks for as long as the dearest hash takes, unless the password is right.
  func matches(_ password: String) -> Bool {
    if let hash, Password.matches(password, stored: hash) { return true }
    for cost in padding { Password.spend(cost: cost, on: password) }
    return false
  }
}
