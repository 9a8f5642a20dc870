import SystemAPI
import Wire

/// Splices rows: each keeps its bytes and gains `server_name`, `server_id` and `cluster`; a `cid`, anywhere in it, becomes unique
/// over all servers, with the server's own beside it as `server_cid`.
struct RowWriter {
  private let replies: [MergeReply]
  private let suffixes: [[UInt8]]

  init(_ replies: [MergeReply]) {
    self.replies = replies
    suffixes = replies.map(RowWriter.suffix)
  }

  private static func suffix(_ reply: MergeReply) -> [UInt8] {
    var text = Array(",\"server_name\":".utf8)
    JSONEscaping.append(reply.serverName, to: &text)
    text.append(contentsOf: ",\"server_id\":".utf8)
    JSONEscaping.append(reply.serverID, to: &text)
    if !reply.cluster.isEmpty {
      text.append(contentsOf: ",\"cluster\":".utf8)
      JSONEscaping.append(reply.cluster, to: &text)
    }
    text.append(UInt8(ascii: "}"))
    return text
  }

  func append(_ reply: Int, _ row: Range<Int>, to out: inout [UInt8]) {
    replies[reply].bytes.withUnsafeBufferPointer { bytes in
      guard row.count >= 2, bytes[row.lowerBound] == UInt8(ascii: "{") else {
        out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[row]))
        return
      }
      var end = row.upperBound - 1
      while end > row.lowerBound + 1, bytes[end - 1] <= 0x20 { end -= 1 }
      RowWriter.append(bytes, row.lowerBound..<end, ordinal: replies[reply].ordinal, to: &out)
      let isEmpty = end == row.lowerBound + 1
      out.append(contentsOf: isEmpty ? suffixes[reply][1...] : suffixes[reply][...])
    }
  }

  /// Copies part of a document, with every `cid` in it made unique, however deep it lies.
  ///
  /// The text of a key is looked for instead of the key itself: within a string its quotation marks are escaped, and where it is
  /// itself a string's whole text no colon follows.
  static func append(_ bytes: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, ordinal: Int, to out: inout [UInt8]) {
    var from = part.lowerBound
    var position = part.lowerBound
    while let key = nextKey(bytes, position..<part.upperBound) {
      position = key.upperBound
      let start = JSONWalk.skipSpace(UnsafeRawBufferPointer(bytes), key.upperBound, part.upperBound)
      var end = start
      while end < part.upperBound, bytes[end] &- 0x30 <= 9 { end += 1 }
      guard end > start, let cid = JSONBytes.unsigned(bytes, start..<end) else { continue }
      out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[from..<start]))
      DecimalText.append(MergedConnectionID(ordinal: ordinal, cid: cid).merged, to: &out)
      out.append(contentsOf: ",\"server_cid\":".utf8)
      from = start
      position = end
    }
    out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[from..<part.upperBound]))
  }

  /// Where `"cid":` stands next.
  private static func nextKey(_ bytes: UnsafeBufferPointer<UInt8>, _ part: Range<Int>) -> Range<Int>? {
    // The last byte of the five tells how far the next place where they may end is: most bytes are never looked at.
    var last = part.lowerBound + 4
    while last < part.upperBound {
      switch bytes[last] {
      case UInt8(ascii: "\""):
        if let key = key(bytes, part, endingAt: last) { return key }
        last += 4
      case UInt8(ascii: "d"): last += 1
      case UInt8(ascii: "i"): last += 2
      case UInt8(ascii: "c"): last += 3
      default: last += 5
      }
    }
    return nil
  }

  /// `"cid":`, where its second quotation mark stands at `last`.
  private static func key(_ bytes: UnsafeBufferPointer<UInt8>, _ part: Range<Int>, endingAt last: Int) -> Range<Int>? {
    let start = last - 4
    guard bytes[last - 1] == UInt8(ascii: "d"), bytes[last - 2] == UInt8(ascii: "i"), bytes[last - 3] == UInt8(ascii: "c"),
      bytes[start] == UInt8(ascii: "\""), start == part.lowerBound || bytes[start - 1] != UInt8(ascii: "\\")
    else { return nil }
    let colon = JSONWalk.skipSpace(UnsafeRawBufferPointer(bytes), last + 1, part.upperBound)
    return colon < part.upperBound && bytes[colon] == UInt8(ascii: ":") ? start..<colon + 1 : nil
  }
}
