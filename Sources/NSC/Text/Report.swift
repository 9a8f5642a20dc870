/// What a command did, line by line: `[ OK ] …`, indented by seven blanks a level.
struct Report {
  enum Level: String {
    case ok = "[ OK ]"
    case warning = "[WARN]"
    case error = "[ERR ]"
    /// Lines below another one, such as what a server answered.
    case note = ">"
  }
  private(set) var lines: [String] = []
  private(set) var failed = false

  mutating func ok(_ text: String, depth: Int = 0) { add(.ok, text, depth) }
  mutating func warning(_ text: String, depth: Int = 0) { add(.warning, text, depth) }
  mutating func error(_ text: String, depth: Int = 0) {
    failed = true
    add(.error, text, depth)
  }
  mutating func note(_ text: String, depth: Int = 0) { add(.note, text, depth) }
  mutating func line(_ text: String) { lines.append(text) }

  /// Forgets what was said after the first `count` lines: a change that was not stored did not happen.
  mutating func retract(to count: Int) { lines.removeLast(max(0, lines.count - count)) }

  private mutating func add(_ level: Level, _ text: String, _ depth: Int) {
    lines.append(String(repeating: " ", count: depth * 7) + level.rawValue + " " + text)
  }
}
