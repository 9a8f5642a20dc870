import Foundation
import Testing
import Wire

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, 0, "1970-01-01T00:00:00Z"), (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
      (1_763_674_518, 123_456_000, "2025-11-20T21:35:18.123456Z"),
      (951_782_400, 1, "2000-02-29T00:00:00.000000001Z"), (-1, 500_000_000, "1969-12-31T23:59:59.5Z"),
      (253_402_300_799, 0, "9999-12-31T23:59:59Z"),
    ] as [(Int64, Int32, String)])
  func rfc3339(_ seconds: Int64, _ nanoseconds: Int32, _ text: String) {
    let time = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    #expect(time.rfc3339 == text)
    #expect(Timestamp(rfc3339: text) == time)
  }

  @Test(
    arguments: [
      ("2025-11-20T16:35:18-05:00", 1_763_674_518, 0), ("2025-11-21T02:35:18.25+05:00", 1_763_674_518, 250_000_000),
      ("1970-01-01T00:00:00.123456789123Z", 0, 123_456_789),
    ] as [(String, Int64, Int32)])
  func offsets(_ text: String, _ seconds: Int64, _ nanoseconds: Int32) {
    #expect(Timestamp(rfc3339: text) == Timestamp(seconds: seconds, nanoseconds: nanoseconds))
  }

  @Test(arguments: [
    "", "2025-11-20", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:00:00",
    "2025-01-01T00:00:00.Z",
    "2025-01-01T00:00:00+5:00", "2025-01-01T00:00:00Zx", "20250101T000000Z", "9999-12-31T23:59:60Z", "9999-12-31T23:00:00-02:00",
  ])
  func refuses(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }

  @Test func agreesWithFoundationOnEveryDayOfFourCenturies() {
    let formatter = ISO8601DateFormatter()
    for day in stride(from: Int64(-80_000), to: 80_000, by: 1) where day % 37 == 0 || day % 365 < 3 {
      let seconds = day * 86400 + 3723
      #expect(Timestamp(seconds: seconds).rfc3339 == formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds))))
    }
  }

  @Test func httpDate() {
    #expect(Timestamp(seconds: 784_111_777).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(Timestamp(seconds: 0).httpDate == "Thu, 01 Jan 1970 00:00:00 GMT")
    #expect(Timestamp(seconds: -86400).httpDate == "Wed, 31 Dec 1969 00:00:00 GMT")
  }

  @Test func arithmetic() {
    let time = Timestamp(seconds: 10, nanoseconds: 900_000_000)
    #expect(time + .milliseconds(200) == Timestamp(seconds: 11, nanoseconds: 100_000_000))
    #expect(time - .milliseconds(10_950) == Timestamp(seconds: -1, nanoseconds: 950_000_000))
    #expect(time - Timestamp(seconds: 9) == .milliseconds(1900))
    #expect(Timestamp(unixNanoseconds: -1) == Timestamp(seconds: -1, nanoseconds: 999_999_999))
    #expect(Timestamp(unixNanoseconds: -1).unixNanoseconds == -1)
  }
}

@Suite struct DurationTextTests {
  @Test(
    arguments: [
      (0, "0s"), (820, "820ns"), (337_000, "337µs"), (1_116_935, "1.116935ms"), (303_028_098, "303.028098ms"), (1_500_000_000, "1.5s"),
      (123_250_000_000, "2m3.25s"), (3_723_000_000_000, "1h2m3s"), (60_000_000_000, "1m0s"), (90_000_000_000, "1m30s"),
      (-1_500_000, "-1.5ms"),
      (3_600_000_000_000, "1h0m0s"), (999_999_999, "999.999999ms"), (1_001, "1.001µs"),
    ] as [(Int64, String)])
  func go(_ value: Int64, _ text: String) {
    #expect(DurationText.go(value) == text)
    #expect(DurationText.parse(text) == value)
  }

  @Test(
    arguments: [
      (999_999_999, "0s"), (5_000_000_000, "5s"), (85_000_000_000, "1m25s"), (3_600_000_000_000, "1h0m0s"),
      (183_845_000_000_000, "2d3h4m5s"),
      ((365 * 86400 + 183_845) * 1_000_000_000, "1y2d3h4m5s"), (86_400_000_000_000, "1d0h0m0s"),
    ] as [(Int64, String)])
  func uptime(_ value: Int64, _ text: String) {
    #expect(DurationText.uptime(value) == text)
    #expect(DurationText.parseUptime(text) == value / 1_000_000_000 * 1_000_000_000)
  }

  @Test func rtt() {
    #expect(DurationText.rtt(337_499) == "337µs")
    #expect(DurationText.rtt(820) == "820ns")
    #expect(DurationText.rtt(1_116_935) == "1.116935ms")
  }

  @Test(
    arguments: [
      ("500ms", 500_000_000), ("2s", 2_000_000_000), ("0", 0), ("1.5h", 5_400_000_000_000), (".5s", 500_000_000), ("+1us", 1_000),
    ] as [(String, Int64)])
  func users(_ text: String, _ value: Int64) { #expect(DurationText.parse(text) == value) }

  @Test(arguments: ["", "5", "s", "1x", "1d", "-", "1.2.3s", ".s", "1 s", "1s ", "99999999999h", "1e3s", "9223372036854775808ns"])
  func refuses(_ text: String) { #expect(DurationText.parse(text) == nil) }
}

@Suite struct HexadecimalTests {
  @Test func hexadecimal() {
    #expect(Hexadecimal.encode([0, 255, 16]) == "00ff10")
    #expect(Hexadecimal.decode("00FF10") == [0, 255, 16])
    #expect(Hexadecimal.decode("0") == nil)
    #expect(Hexadecimal.decode("zz") == nil)
  }
}
