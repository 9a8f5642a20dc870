import Testing
import Wire

@Suite struct PlainTextTests {
  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (3865, "3,865"), (1_234_567, "1,234,567"), (-12_345, "-12,345"),
    (.min, "-9,223,372,036,854,775,808"),
  ])
  func counts(number: Int, text: String) { #expect(PlainText.count(number) == text) }

  @Test(arguments: [
    (0, "0 s"), (0.000_412, "412 µs"), (0.0085, "9 ms"), (41.9, "41 s"), (60, "1m"), (100, "1m40s"), (3600, "1h"), (3661, "1h1m"),
    (3605, "1h"),
    (273_600, "3d4h"), (40_000_000, "1y97d"), (-41, "-41 s"),
  ])
  func spans(seconds: Double, text: String) { #expect(PlainText.span(.seconds(seconds)) == text) }

  @Test(arguments: [
    (0, "0/s"), (12, "12/s"), (0.4, "0.4/s"), (12.34, "12.3/s"), (999.6, "1000/s"), (1200, "1.20 k/s"), (45_678, "45.7 k/s"),
    (3e6, "3.00 M/s"),
    (-7, "-7/s"), (.nan, "?/s"), (2e12, "2000 G/s"), (1e23, "100000000000000 G/s"), (1e28, "?/s"), (-1e300, "?/s"), (.infinity, "?/s"),
  ])
  func rates(rate: Double, text: String) { #expect(PlainText.perSecond(rate) == text) }
}
