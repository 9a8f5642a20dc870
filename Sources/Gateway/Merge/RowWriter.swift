import SystemAPI
import Wire

/// Splices rows: each keeps its bytes and gains `server_name`, `server_id` and `cluster`; a `cid` becomes unique over all
/// servers, with the server's own beside it as `server_cid`.
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
      var from = row.lowerBound
      var end = row.upperBound - 1
      while end > from + 1, bytes[end - 1] <= 0x20 { end -= 1 }
      if let range = JSONBytes.member("cid", bytes, row), let cid = JSONBytes.unsigned(bytes, range) {
        out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[from..<range.lowerBound]))
        DecimalText.append(MergedConnectionID(ordinal: replies[reply].ordinal, cid: cid).merged, to: &out)
        out.append(contentsOf: ",\"server_cid\":".utf8)
        from = range.lowerBound
      }
      out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[from..<end]))
      let isEmpty = end == row.lowerBound + 1
      out.append(contentsOf: isEmpty ? suffixes[reply][1...] : suffixes[reply][...])
    }
  }
}
