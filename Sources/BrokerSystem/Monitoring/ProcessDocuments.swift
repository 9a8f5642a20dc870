import CPosix
import Reactor
import Wire

/// EXPVARZ and PROFILEZ: what Go's runtime tells of itself, as far as a process without one can say it.
extension Monitor {
  /// The members of Go's memory statistics in their order. What the allocator counts is its number; what belongs to a garbage
  /// collector is zero, because there is none.
  func writeExpvarz(_ json: inout JSONWriter) {
    let heap = cposix_heap_numbers()
    let resident = UInt64(clamping: sampler.memory)
    let numbers: [(StaticString, UInt64)] = [
      ("Alloc", heap.used), ("TotalAlloc", heap.used), ("Sys", max(resident, heap.system)), ("Lookups", 0), ("Mallocs", 0), ("Frees", 0),
      ("HeapAlloc", heap.used), ("HeapSys", heap.system), ("HeapIdle", heap.free), ("HeapInuse", heap.used), ("HeapReleased", 0),
      ("HeapObjects", 0), ("StackInuse", 0), ("StackSys", 0), ("MSpanInuse", 0), ("MSpanSys", 0), ("MCacheInuse", 0), ("MCacheSys", 0),
      ("BuckHashSys", 0), ("GCSys", 0), ("OtherSys", resident - min(resident, heap.system)), ("NextGC", 0), ("LastGC", 0),
      ("PauseTotalNs", 0),
    ]
    json.object { json in
      json.member("memstats") { json in
        for (name, value) in numbers { json.member(name, value) }
        for name: StaticString in ["PauseNs", "PauseEnd"] {
          json.member(name, array: { json in for _ in 0..<256 { json.integer(0) } })
        }
        for name: StaticString in ["NumGC", "NumForcedGC", "GCCPUFraction"] { json.member(name, 0) }
        json.member("EnableGC", false)
        json.member("DebugGC", false)
        json.member("BySize", array: { _ in })
      }
      json.member("cmdline", Self.commandLine(ProcessArguments.all))
    }
  }

  private static let secretFlags: Set<String> = ["pass", "auth", "password", "token"]

  /// The command line without what follows a flag for a password, and without what stands before the `@` of a URL.
  static func commandLine(_ arguments: [String]) -> [String] {
    var isSecret = false
    return arguments.map { argument in
      defer { isSecret = argument.hasPrefix("-") && secretFlags.contains(String(argument.drop { $0 == "-" })) }
      if isSecret { return "[REDACTED]" }
      if argument.hasPrefix("-"), let equals = argument.firstIndex(of: "="),
        secretFlags.contains(String(argument[..<equals].drop { $0 == "-" }))
      {
        return argument[...equals] + "[REDACTED]"
      }
      if let at = argument.lastIndex(of: "@"), let scheme = argument.firstRange(of: "://"), scheme.upperBound < at {
        return argument[..<scheme.upperBound] + "[REDACTED]" + argument[at...]
      }
      return argument
    }
  }

  /// There are no profiles of a Go runtime to give; the errors are nats-server's. `duration` is nanoseconds.
  func writeProfilez(_ json: inout JSONWriter, name: String, duration: Int) {
    let error: String
    if name.isEmpty {
      error = "Profile name not specified"
    } else if name == "cpu" && !(1...15_000_000_000).contains(duration) {
      error = "Duration \(DurationText.go(Int64(duration))) should be between 0s and 15s"
    } else {
      error = "Profile \"\(name)\" not found"
    }
    json.object { json in
      json.key("profile")
      json.null()
      json.member("error", error)
    }
  }
}
