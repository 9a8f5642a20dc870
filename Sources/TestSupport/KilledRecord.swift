/// What a writer of records that is killed again and again writes: everybody can tell what an epoch has to hold by its number.
public enum KilledRecord {
  /// The program that writes, as the build made it.
  public static let program = "\(productsFolder)/natsight-record-faults"
  /// Servers of an epoch.
  public static let servers = ["S0", "S1", "S2"]

  /// A document that changes a little from epoch to epoch.
  public static func document(_ number: Int, _ server: String) -> [UInt8] {
    let rows = (0..<300).map { "{\"cid\":\($0),\"in\":\($0 * 7919 % 1013 + ($0 % 5 == number % 5 ? number : 0))}" }
    return Array("{\"server\":\"\(server)\",\"epoch\":\(number),\"rows\":[\(rows.joined(separator: ","))]}".utf8)
  }

  public static func beliefs(_ number: Int) -> [UInt8] { Array("believed at \(number)".utf8) }
}
