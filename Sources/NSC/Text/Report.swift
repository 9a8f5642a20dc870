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
  /// Lines without indentation: a job each, with what it says of itself below.
  private var jobs = 0
  private var warnings = 0
  /// Jobs that said an error, themselves or further in.
  private var failures: Set<Int> = []

  var failed: Bool { !failures.isEmpty }

  /// How many jobs failed, as nsc says it; nil when none did.
  var failure: String? {
    if failures.isEmpty { return nil }
    if failures.count >= jobs { return "all jobs failed" }
    let nouns = { (count: Int) in "\(count) job\(count == 1 ? "" : "s")" }
    return "\(nouns(failures.count)) failed - \(nouns(jobs - failures.count)) succeeded and \(warnings) had warnings"
  }

  mutating func ok(_ text: String, depth: Int = 0) { add(.ok, text, depth) }
  mutating func warning(_ text: String, depth: Int = 0) { add(.warning, text, depth) }
  mutating func error(_ text: String, depth: Int = 0) {
    add(.error, text, depth)
    failures.insert(jobs)
  }
  mutating func note(_ text: String, depth: Int = 0) { add(.note, text, depth) }
  mutating func line(_ text: String) { lines.append(text) }

  /// Forgets what was said after the first `count` lines: a change that was not stored did not happen.
  mutating func retract(to count: Int) { lines.removeLast(max(0, lines.count - count)) }

  private mutating func add(_ level: Level, _ text: String, _ depth: Int) {
    if depth == 0 && level != .note { jobs += 1 }
    if level == .warning { warnings += 1 }
    lines.append(String(repeating: " ", count: depth * 7) + level.rawValue + " " + text)
  }
}
