/// A moment broken into the fields of the Gregorian calendar, in UTC.
///
/// Days are counted in 400-year eras of 146,097 days with the year starting in March, so that the leap day
/// comes last.
struct Civil {
  static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  let year: Int
  /// 1 … 12.
  let month: Int
  /// 1 … 31.
  let day: Int
  /// 0 is Sunday.
  let weekday: Int
  let hour: Int
  let minute: Int
  let second: Int

  init(unixSeconds: Int64) {
    let days = Self.floorDivide(unixSeconds, 86400)
    let clock = Int(unixSeconds - days * 86400)
    hour = clock / 3600
    minute = clock / 60 % 60
    second = clock % 60
    let sinceSunday = (days + 4) % 7
    weekday = Int(sinceSunday < 0 ? sinceSunday + 7 : sinceSunday)
    let shifted = days + 719_468
    let era = Self.floorDivide(shifted, 146_097)
    let dayOfEra = Int(shifted - era * 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + Int(era) * 400 + (month <= 2 ? 1 : 0)
  }

  /// Days from 1970-01-01 to that date; negative before.
  static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = Int(floorDivide(Int64(year), 400))
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: return 30
    case 2: return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: return 31
    }
  }

  static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }

  /// Appends `hh:mm:ss`.
  func appendClock(to bytes: inout [UInt8]) {
    DecimalText.append(hour, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    DecimalText.append(minute, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    DecimalText.append(second, width: 2, to: &bytes)
  }
}

/// DecimalText fractions with their trailing zeros removed.
enum Fraction {
  /// Appends a point and `value` as `digits` digits, less the trailing zeros; nothing at all for zero.
  static func append(_ value: Int64, digits: Int, to bytes: inout [UInt8]) {
    guard value != 0 else { return }
    bytes.append(UInt8(ascii: "."))
    DecimalText.append(Int(value), width: digits, to: &bytes)
    while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
  }
}
