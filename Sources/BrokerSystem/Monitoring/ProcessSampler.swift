import CPosix
import Glibc
import Wire

/// What the process costs: processor time measured once a second, memory and cores when asked.
struct ProcessSampler {
  /// Percent of one core over the last second, to a tenth; 0 in the first second.
  private(set) var cpu = 0.0
  private var lastProcessor: Int64
  private var lastWall: Int64
  let cores: Int

  init() {
    lastProcessor = Self.clock(CLOCK_PROCESS_CPUTIME_ID)
    lastWall = Self.clock(CLOCK_MONOTONIC)
    cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Bytes of resident memory.
  var memory: Int64 { cposix_resident_memory() }

  mutating func sample() {
    let processor = Self.clock(CLOCK_PROCESS_CPUTIME_ID)
    let wall = Self.clock(CLOCK_MONOTONIC)
    guard wall - lastWall > 100_000_000 else { return }
    cpu = (Double(processor - lastProcessor) / Double(wall - lastWall) * 1000).rounded() / 10
    lastProcessor = processor
    lastWall = wall
  }

  private static func clock(_ id: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(id, &time)
    return (Span.wholeSeconds(Int64(time.tv_sec)) + Span(nanoseconds: Int64(time.tv_nsec))).nanoseconds
  }
}
