import Testing

@testable import SystemModel

@Suite struct AskTableTests {
  /// Against a dictionary: numbers that come one after the other, end in any order, and some that come again or fall into one place.
  @Test(arguments: [1, 7, 1 << 20] as [UInt64]) func isADictionary(step: UInt64) {
    var random = SplitMix(seed: step)
    var table = AskTable<Int>()
    var model: [AskID: Int] = [:]
    var known: [AskID] = []
    for round in 0..<20_000 {
      let id = AskID(number: UInt64(round) &* step)
      switch random.next() % 5 {
      case 0, 1:
        table[id] = round
        model[id] = round
        known.append(id)
      case 2 where !known.isEmpty:
        let old = known[Int(random.next() % UInt64(known.count))]
        table[old] = -round
        model[old] = -round
      case 3 where !known.isEmpty:
        let old = known.remove(at: Int(random.next() % UInt64(known.count)))
        let (removed, expected) = (table.removeValue(forKey: old), model.removeValue(forKey: old))
        #expect(removed == expected)
      default:
        #expect(table[id] == nil)
        if let old = known.last {
          table[old] = nil
          model[old] = nil
          known.removeLast()
        }
      }
      if table.count != model.count { Issue.record("\(table.count) instead of \(model.count) after \(round)") }
    }
    for (id, value) in model { #expect(table[id] == value) }
    for id in known { table.removeValue(forKey: id) }
    for id in model.keys { table.removeValue(forKey: id) }
    #expect(table.isEmpty)
  }
}

/// The generator of Vigna's SplitMix64.
private struct SplitMix {
  var seed: UInt64

  mutating func next() -> UInt64 {
    seed &+= 0x9E37_79B9_7F4A_7C15
    var value = seed
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
