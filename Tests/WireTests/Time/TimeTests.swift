import Testing
import Wire

@Suite struct TimeTests {
  @Test(
    arguments: [
      (0, 0), (1.5, 1_500_000_000), (0.1, 100_000_000), (1.1, 1_100_000_000), (-2, -2_000_000_000), (.nan, 0), (.infinity, .max),
      (-.infinity, .min), (1e300, .max), (9.3e9, .max), (-9.3e9, .min),
    ] as [(Double, Int64)])
  func secondsBecomeNanoseconds(_ seconds: Double, _ nanoseconds: Int64) {
    #expect(Span.seconds(seconds) == Span(nanoseconds: nanoseconds))
  }

  @Test(
    arguments: [
      (0, 0), (2.4, 2), (2.5, 3), (-2.5, -3), (1e9, 1_000_000_000), (0x1p63, .max),
      (-0x1p63, .min), (-0x1p80, .min), (.nan, 0),
    ] as [(Double, Int64)])
  func countsOfNanosecondsComeFromDocuments(_ count: Double, _ nanoseconds: Int64) {
    #expect(Span(nanosecondCount: count).nanoseconds == nanoseconds)
  }

  @Test func arithmeticStopsAtTheEndsOfTheRange() {
    let (least, most) = (Span(nanoseconds: .min), Span.longest)
    #expect(most + .seconds(1) == most && least - .seconds(1) == least)
    #expect(-least == most && most * 2 == most && most * -2 == least && least * -1 == most)
    #expect(Span.wholeSeconds(.max) == most && Span.wholeSeconds(.min) == least && Span.milliseconds(.max) == most)
    #expect(Span.seconds(3) - .seconds(5) == .seconds(-2) && Span.seconds(3) / 2 == .milliseconds(1500))
    #expect(Span.milliseconds(2999).wholeSeconds == 2 && Span.milliseconds(2999).milliseconds == 2999)
  }

  @Test func momentsStayInTheirRange() {
    let early = MonotonicTime.origin + .seconds(1)
    #expect(early - .seconds(2) == .origin && early - MonotonicTime.distantFuture == -.longest)
    #expect(.distantFuture + .seconds(1) == MonotonicTime.distantFuture && MonotonicTime.distantFuture - early == .longest)
    #expect(early + .longest < .distantFuture && early - .origin == .seconds(1))
  }

  @Test func datesFarApartAreClamped() {
    let (first, last) = (Timestamp(seconds: .min), Timestamp(seconds: .max, nanoseconds: 999_999_999))
    #expect(last - first == .longest && first - last == Span(nanoseconds: .min))
    #expect(last.unixNanoseconds == .max && first.unixNanoseconds == .min)
    #expect(Timestamp(seconds: -1, nanoseconds: 500_000_000) - Timestamp(seconds: 1) == .milliseconds(-1500))
    #expect(Timestamp.zero - Timestamp(seconds: 0) == Span(nanoseconds: .min))
  }
}
