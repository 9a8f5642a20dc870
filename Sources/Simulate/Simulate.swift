import Dispatch
import Glibc
import SystemModel
import SystemSimulation
import Wire

/// `natsight-simulate [FIRST COUNT SECONDS]`: runs the schedules of a range of seeds. `natsight-simulate FILE`: tells the course of one
/// that was kept. `natsight-simulate cost`: what the model costs.
@main
enum Simulate {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst().map { $0 }
    if arguments == ["cost"] { return Cost.lines().forEach { print($0) } }
    let numbers = arguments.compactMap { UInt64($0) }
    guard numbers.count == arguments.count else { return replay(arguments[0]) }
    let first = numbers.first ?? 1
    let count = numbers.dropFirst().first ?? 10_000_000
    let seconds = numbers.dropFirst(2).first ?? 3_600
    let lanes = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    print("==> Seeds \(first) to \(first + count - 1), on \(lanes) cores, for \(seconds) s at most")
    let start = DispatchTime.now().uptimeNanoseconds
    func elapsed() -> Double { Span(nanoseconds: Int64(DispatchTime.now().uptimeNanoseconds - start)).seconds }
    var told = 0.0
    let result = Campaign(first: first, count: count).runInParallel(lanes: lanes) { ran in
      let now = elapsed()
      if now - told >= 10 {
        told = now
        print("    \(ran) schedules in \(Int(now)) s, \(Int(Double(ran) / now)) a second")
      }
      return now < Double(seconds)
    }
    let took = elapsed()
    print("    \(result.ran) schedules in \(Int(took)) s, \(Int(Double(result.ran) / max(took, 0.001))) a second")
    guard result.findings.isEmpty else {
      for finding in result.findings { tell(finding) }
      exit(1)
    }
    print("==> Seeds \(first) to \(first + result.ran - 1): nothing found")
    if result.ran < count { exit(3) }
  }

  /// Progress is seen at once also where the output is a pipe.
  private static func print(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(1, bytes, bytes.count)
  }

  private static func tell(_ finding: Campaign.Finding) {
    let schedule = Schedule(seed: finding.seed).shrunk(finding.violation.rule)
    print("==> Seed \(finding.seed): \(finding.violation)")
    print("    shrunk to: \(Simulation.run(schedule).map(String.init(describing:)) ?? "nothing")")
    print(schedule.text)
  }

  private static func replay(_ path: String) {
    guard let file = fopen(path, "r") else {
      print("\(path) cannot be read")
      exit(2)
    }
    defer { fclose(file) }
    var text = ""
    var line = [CChar](repeating: 0, count: 4_096)
    while fgets(&line, Int32(line.count), file) != nil {
      text += String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    do {
      for line in Simulation.course(of: try Schedule(text: text)) { print(line) }
    } catch {
      print("\(path): \(error)")
      exit(2)
    }
  }
}
