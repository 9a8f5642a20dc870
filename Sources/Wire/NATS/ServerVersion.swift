/// A nats-server version, compared by its three numbers. A suffix such as `-dev` or `-RC.1` does not take part.
public struct ServerVersion: Comparable, Hashable, Sendable, CustomStringConvertible {
  public let major: Int
  public let minor: Int
  public let patch: Int

  public init(_ major: Int, _ minor: Int, _ patch: Int) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// Reads `2.10.26`, `v2.10.26` or `2.15.0-dev`; nil for anything without three numbers.
  public init?(_ text: some StringProtocol) {
    var numbers: [Int] = []
    var current: Int?
    for byte in text.utf8.drop(while: { $0 == UInt8(ascii: "v") }) {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let digit = Int(byte - UInt8(ascii: "0"))
        guard (current ?? 0) < 1_000_000 else { return nil }
        current = (current ?? 0) * 10 + digit
        continue
      case UInt8(ascii: ".") where current != nil && numbers.count < 2:
        numbers.append(current ?? 0)
        current = nil
        continue
      default: break
      }
      break
    }
    if let current { numbers.append(current) }
    guard numbers.count == 3 else { return nil }
    self.init(numbers[0], numbers[1], numbers[2])
  }

  public var description: String { "\(major).\(minor).\(patch)" }

  public static func < (left: ServerVersion, right: ServerVersion) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }
}
