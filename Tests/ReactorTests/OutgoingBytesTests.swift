import Testing

@testable import Reactor

@Suite struct OutgoingBytesTests {
  /// Whatever is appended, lent and taken in whichever order, what comes out is what went in.
  @Test func whatIsLentStandsInItsPlace() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var bytes = OutgoingBytes()
      var (expected, seen): ([UInt8], [UInt8]) = ([], [])
      for _ in 0..<60 {
        let piece = (0..<Int.random(in: 1...700, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
          bytes.append(lending: piece)
          expected += piece
        case 1, 2:
          piece.withUnsafeBytes { bytes.append($0) }
          expected += piece
        case 3: bytes.rest()
        default:
          let count = bytes.withFirst { first in Int.random(in: 0...min(first.count, 900), using: &generator) }
          seen += bytes.withFirst { Array($0[..<count]) }
          bytes.consume(count)
        }
        #expect(bytes.count == expected.count - seen.count)
      }
      while bytes.count > 0 {
        let first = bytes.withFirst { Array($0) }
        #expect(!first.isEmpty)
        seen += first
        bytes.consume(first.count)
      }
      #expect(seen == expected)
      bytes.append(lending: [1, 2])
      bytes.removeAll()
      #expect(bytes.count == 0 && bytes.withFirst { $0.count } == 0)
    }
  }
}
