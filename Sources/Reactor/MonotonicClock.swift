import Glibc
import Wire

/// The clock of deadlines: it never jumps, and its origin means nothing.
public enum MonotonicClock {
  @inlinable
  public static func now() -> MonotonicTime {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicTime(nanoseconds: UInt64(time.tv_sec) &* UInt64(Span.perSecond) &+ UInt64(time.tv_nsec))
  }
}
