/// Header blocks as bytes.
package enum HeaderBlock {
  /// The block without the lines of one header, its closing empty line kept.
  static func removing(_ name: String, from block: UnsafeRawBufferPointer) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(block.count)
    var start = 0
    let wanted = Array(name.utf8)
    while start < block.count {
      var end = start
      while end < block.count && block[end] != 0x0A { end += 1 }
      end = min(end + 1, block.count)
      let line = block[start..<end]
      let matches = line.count > wanted.count && line[start + wanted.count] == UInt8(ascii: ":") && line.starts(with: wanted)
      if !matches { result += line }
      start = end
    }
    return result
  }

  /// The values of one header, letters of the name in either case.
  package static func values(_ name: String, in block: UnsafeRawBufferPointer) -> [String] {
    var found: [String] = []
    for line in String(decoding: block, as: UTF8.self).split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name.lowercased() else { continue }
      found.append(String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }))
    }
    return found
  }
}
