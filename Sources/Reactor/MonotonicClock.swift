import Glibc

/// Nanoseconds of the monotonic clock, or a span of them.
public typealias Nanoseconds = UInt64

extension Nanoseconds {
  /// A span in nanoseconds from seconds; negative and not-a-number spans become zero.
  @inlinable
  public static func seconds(_ seconds: Double) -> Nanoseconds {
    seconds > 0 ? Nanoseconds(Swift.min(seconds, 1e9) * 1e9) : 0
  }
}

/// The clock of deadlines: it never jumps, and its origin means nothing.
public enum MonotonicClock {
  /// Nanoseconds since some point in the past.
  @inlinable
  public static func now() -> Nanoseconds {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Nanoseconds(time.tv_sec) &* 1_000_000_000 &+ Nanoseconds(time.tv_nsec)
  }
}
