import Foundation
import TestSupport
import Testing

/// Whole answers, kept as text files: the request, then status, header fields in their order, and body.
///
/// `NATSIGHT_WRITE_GOLDENS=1` in the environment writes the files anew; look at the difference before you commit it.
enum Golden {
  static let folder = "\(packageRoot)/Tests/GatewayTests/Golden"
  static let records = ProcessInfo.processInfo.environment["NATSIGHT_WRITE_GOLDENS"] == "1"

  /// Compares a transcript with the file of that name, such as `endpoints/varz`; records a difference as an issue.
  static func check(_ transcript: String, _ name: String) throws {
    let file = "\(folder)/\(name).txt"
    if records {
      let parent = (file as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
      return try transcript.write(toFile: file, atomically: true, encoding: .utf8)
    }
    guard let kept = try? String(contentsOfFile: file, encoding: .utf8) else {
      Issue.record("\(name) is not recorded yet; NATSIGHT_WRITE_GOLDENS=1 does it")
      return
    }
    if kept != transcript { Issue.record("\(name) is not as it was:\n\(difference(kept, transcript))") }
  }

  /// The lines that differ, `-` as it was and `+` as it is, and of long ones what surrounds the first difference.
  static func difference(_ before: String, _ after: String) -> String {
    let (old, new) = (before.components(separatedBy: "\n"), after.components(separatedBy: "\n"))
    var head = 0
    while head < min(old.count, new.count), old[head] == new[head] { head += 1 }
    var tail = 0
    while tail < min(old.count, new.count) - head, old[old.count - 1 - tail] == new[new.count - 1 - tail] { tail += 1 }
    let removed = old[head..<(old.count - tail)]
    let added = new[head..<(new.count - tail)]
    var lines = ["line \(head + 1):"]
    for place in 0..<min(max(removed.count, added.count), 40) {
      let left = place < removed.count ? removed[removed.startIndex + place] : nil
      let right = place < added.count ? added[added.startIndex + place] : nil
      if left == right { continue }
      let common = zip(left ?? "", right ?? "").prefix { $0 == $1 }.count
      if let left { lines.append("- " + excerpt(left, around: common)) }
      if let right { lines.append("+ " + excerpt(right, around: common)) }
    }
    return lines.joined(separator: "\n")
  }

  private static func excerpt(_ line: String, around place: Int) -> String {
    guard line.count > 240 else { return line }
    let start = max(0, place - 80)
    return (start > 0 ? "…" : "") + line.dropFirst(start).prefix(240) + (line.count > start + 240 ? "…" : "")
  }
}

/// Puts words in place of everything that is another each time.
struct Normaliser {
  private struct Rule {
    let expression: NSRegularExpression
    let replacement: String
  }

  private let rules: [Rule]
  private let words: [(String, String)]

  /// - Parameter words: texts of this run, such as ports, and what to write for them.
  init(_ words: [(String, String)] = []) {
    self.words = words
    rules = Normaliser.patterns.compactMap { pattern, replacement in
      (try? NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])).map { Rule(expression: $0, replacement: replacement) }
    }
  }

  private static let duration = #"(?:\d+(?:\.\d+)?(?:ns|µs|ms|s|m|h|d|y))+"#

  private static let patterns: [(String, String)] = {
    // Documents are of another day; a time of now is the gateway's.
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withFullDate]
    let days = [-86_400.0, 0, 86_400].map { formatter.string(from: Date().addingTimeInterval($0)) }.joined(separator: "|")
    return [
      (#"(?:\#(days))T[0-9:.]+Z"#, "<time>"),
      (#""(elapsed|rtt)":( ?)"[^"]*",(\s*)"\1_seconds":( ?)[-0-9.e]+"#, #""$1":$2"<duration>",$3"$1_seconds":$4<seconds>"#),
      // Of a merged document: since the earliest start.
      (#""uptime":( ?)"\d+[dy][^"]*""#, #""uptime":$1"<duration>""#),
      (#"(silent for|within|after|heard for|heard since|not been heard for) \#(duration)"#, "$1 <duration>"),
      (#""seq":( ?)\d+"#, #""seq":$1<n>"#),
      // What was asked so far depends on which tests ran before.
      (#""asked": \{[^{}]*("endpoints": \{)(?:[^{}]*\{[^{}]*\})*\s*\}\s*\}"#, #""asked": <costs>"#),
      (#""asked": \{[^{}]*"endpoints": \{[^{}]*\}\s*\}"#, #""asked": <costs>"#),
      (#"^(natsight_system_\w+|natsight_finding)\{.*\n(?:\1\{.*\n)*"#, "$1{…} <n>\n"),
      (#"^(natsight_\S*|process_\S*|nats_survey_duration\S*|\w*(?:rtt|last_seen|uptime|age_seconds)\w*(?:\{.*\})?) \S+$"#, "$1 <n>"),
      // By the gateway's clock, which a server's is compared with anew each time.
      (#""since":( ?)"[^"]*""#, #""since":$1"<time>""#),
      (#""times":\[[-0-9.,]*\]"#, #""times":[<times>]"#),
      // A busy run has heard the servers more often: the first figure stands for all.
      (#""(\w+)":\[(null|[-0-9.e]+)(?:,(?:null|[-0-9.e]+))+\]"#, #""$1":[$2]"#),
      // There are rates where a page was read before, long enough ago.
      (#",\s*"rates": \{[^{}]*\}"#, ""),
    ]
  }()

  func callAsFunction(_ text: String) -> String {
    var text = text
    for (found, word) in words { text = text.replacingOccurrences(of: found, with: word) }
    for rule in rules {
      let range = NSRange(text.startIndex..., in: text)
      text = rule.expression.stringByReplacingMatches(in: text, range: range, withTemplate: rule.replacement)
    }
    return text
  }

  private func shortened(_ line: String) -> String { line.count > 200 ? line.prefix(60) + "… (\(line.count) characters)" : line }

  /// Request and answer as a golden file has them.
  func transcript(_ request: String, _ headers: [String: String], _ reply: HTTPReply) throws -> String {
    let isZipped = reply.headers["content-encoding"] == "gzip" && !reply.body.isEmpty
    let plain = isZipped ? String(decoding: try reply.unzipped(), as: UTF8.self) : reply.text
    let body = self(plain)
    var lines = [shortened(request)] + headers.sorted { $0.key < $1.key }.map { shortened("\($0.key): \($0.value)") }
    lines += ["", "\(reply.status)"]
    for field in reply.fields {
      let name = field.prefix { $0 != ":" }.lowercased()
      switch name {
      case "date", "age", "natsight-request-id": lines.append(field.prefix { $0 != ":" } + ": <\(name)>")
      case "content-length" where body != plain || isZipped || request.hasPrefix("HEAD"): lines.append("Content-Length: <n>")
      default: lines.append(self(field))
      }
    }
    return lines.joined(separator: "\n") + "\n\n" + body
  }
}
