/// A schedule as text, one step a line: what is kept of a run that failed.
///
/// ```
/// # why it is kept
/// world seed=7 servers=3 clusters=1 traits=heartbeats,lossy
/// ask 1 2 0 after=40
/// ```
extension Schedule {
  public struct Unreadable: Error, CustomStringConvertible {
    public let line: Int
    public let description: String
  }

  public var text: String {
    let traits = World.Trait.allCases.filter { world.traits.contains($0) }.map(\.rawValue).joined(separator: ",")
    var lines = ["world seed=\(world.seed) servers=\(world.servers) clusters=\(world.clusters) traits=\(traits)"]
    for step in steps { lines.append("\(step.kind.rawValue) \(step.a) \(step.b) \(step.c) after=\(step.after)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// - Throws: `Unreadable`.
  public init(text: String) throws {
    self.init(World(), [])
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(separator: " ").map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      let isRead = first == "world" ? read(world: words.dropFirst()) : read(step: first, words.dropFirst())
      guard isRead else {
        throw Unreadable(
          line: index + 1, description: "line \(index + 1): expected \"world …\" or \"kind a b c after=ms\", found \"\(line)\"")
      }
    }
  }

  private mutating func read(world words: ArraySlice<String>) -> Bool {
    for word in words {
      let parts = word.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { return false }
      switch parts[0] {
      case "seed":
        guard let seed = UInt64(parts[1]) else { return false }
        world.seed = seed
      case "servers":
        guard let count = Int(parts[1]), 1...16 ~= count else { return false }
        world.servers = count
      case "clusters":
        guard let count = Int(parts[1]), 1...8 ~= count else { return false }
        world.clusters = count
      case "traits":
        for name in parts[1].split(separator: ",") {
          guard let trait = World.Trait(rawValue: String(name)) else { return false }
          world.traits.insert(trait)
        }
      default: return false
      }
    }
    return true
  }

  private mutating func read(step name: String, _ words: ArraySlice<String>) -> Bool {
    let words = Array(words)
    guard let kind = Step.Kind(rawValue: name), words.count == 4, let a = UInt8(words[0]), let b = UInt8(words[1]), let c = UInt8(words[2]),
      words[3].hasPrefix("after="), let after = UInt32(words[3].dropFirst(6))
    else { return false }
    steps.append(Step(kind, a, b, c, after: after))
    return true
  }
}
