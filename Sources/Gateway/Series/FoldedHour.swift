import Recording
import SystemAPI
import Wire

/// That an hour was folded into blocks, and how: kept as a block of its own, written after those that it tells of.
struct FoldedHour: Sendable, Equatable {
  static let kind = "hour"

  let hour: Int
  /// How far apart its points are at least, in seconds.
  var grain: Int
  /// Blocks that it has; an hour of before there were series has none.
  var blocks: Int
  /// Things that were left out because there were too many.
  var leftOut: Int
  /// Epochs of it came after it was folded, of a clock that was ahead for a while: what they keep comes behind its blocks.
  var isOpen = false
  /// Why it is not whole; empty where it is.
  var reason = ""

  init(hour: Int, grain: Int, blocks: Int, leftOut: Int, isOpen: Bool = false, reason: String = "") {
    self.hour = hour
    self.grain = grain
    self.blocks = blocks
    self.leftOut = leftOut
    self.isOpen = isOpen
    self.reason = reason
  }

  var block: SeriesBlock {
    var json = JSONWriter()
    json.object { json in
      json.member("grain", grain)
      json.member("blocks", blocks)
      json.member("left_out", leftOut)
      if isOpen { json.member("open", true) }
      json.member("reason", unlessEmpty: reason)
    }
    return SeriesBlock(.init(hour: hour, kind: FoldedHour.kind, entity: ""), bytes: json.bytes)
  }

  init(_ block: SeriesBlock) {
    let document = JSONView(bytes: block.bytes, range: 0..<block.bytes.count)
    self.init(
      hour: block.key.hour, grain: min(86_400, max(1, document["grain"]?.int ?? 1)), blocks: document["blocks"]?.int ?? 0,
      leftOut: document["left_out"]?.int ?? 0, isOpen: document["open"]?.bool ?? false, reason: document["reason"]?.string ?? "")
  }

  /// The hours that a store has folded, by their numbers.
  static func all(_ store: any RecordStore, _ hours: ClosedRange<Int> = 0...Int(Int32.max)) throws(RecordError) -> [Int: FoldedHour] {
    var found: [Int: FoldedHour] = [:]
    try store.blocks(kind, hours: hours, of: .all) { block in
      found[block.key.hour] = FoldedHour(block)
      return true
    }
    return found
  }
}
