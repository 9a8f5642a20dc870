/// `2.9.10` and its like.
package enum ServerVersion {
  /// Whether `version` is `wanted` or newer; false when it cannot be read.
  static func isAtLeast(_ version: String, _ wanted: String) -> Bool {
    guard let left = numbers(version), let right = numbers(wanted) else { return false }
    return !left.lexicographicallyPrecedes(right)
  }

  private static func numbers(_ text: String) -> [Int]? {
    let core = text.split(separator: "-", maxSplits: 1).first ?? ""
    let parts = core.split(separator: ".").map { Int($0.drop { $0 == "v" }) }
    guard parts.count == 3, !parts.contains(nil) else { return nil }
    return parts.compactMap { $0 }
  }
}
