import Recording
import Wire

/// The message that makes an epoch: what is told of it in a list, and where the rest is. An epoch without it is not there.
package struct EpochHead: Sendable, Equatable {
  /// Grows when what an earlier reader cannot read is written. Those before it are read too.
  static let version = 2

  /// What may be a moment, in nanoseconds since 1970.
  private static let times = 0...Int.max / 2
  /// What may be a number or a count: whoever adds to one has room.
  private static let numbers = 0...1 << 53

  var header: EpochHeader
  var contents: MessageRun
  /// The first message of the stream that the epoch rests on: it is whole while that one is there.
  var restsOn: Int

  init(_ header: EpochHeader, contents: MessageRun, restsOn: Int) {
    self.header = header
    self.contents = contents
    self.restsOn = restsOn
  }

  /// Reads a head's message; nil for what is none, or a later version's.
  package init?(_ bytes: [UInt8]) {
    guard let json = try? JSONValue(parsing: bytes), let version = json["version"]?.int, (1...EpochHead.version).contains(version),
      let number = EpochHead.count(json["epoch"]), let began = json["began"]?.int, let at = json["at"]?.int,
      let responded = EpochHead.count(json["responded"]), let missing = EpochHead.count(json["missing"]),
      EpochHead.times.contains(began), EpochHead.times.contains(at), let documents = json["documents"]?.elements,
      let contents = MessageRun(json["contents"]), let restsOn = StreamMessage.sequence(json["rests_on"]?.int)
    else { return nil }
    header = EpochHeader(
      number: number, began: Timestamp(unixNanoseconds: Int64(began)), at: Timestamp(unixNanoseconds: Int64(at)),
      expected: EpochHead.count(json["expected"]), responded: responded, missing: missing, findings: EpochHead.counts(json["findings"]),
      documents: documents.compactMap(\.string))
    header.bytes = EpochHead.count(json["bytes"]) ?? 0
    header.documentBytes = EpochHead.count(json["document_bytes"]) ?? 0
    self.contents = contents
    self.restsOn = restsOn
  }

  private static func count(_ value: JSONValue?) -> Int? { value?.int.flatMap { numbers.contains($0) ? $0 : nil } }

  private static func counts(_ value: JSONValue?) -> FindingCounts? {
    guard let critical = count(value?["critical"]), let warning = count(value?["warning"]), let info = count(value?["info"]) else {
      return nil
    }
    return FindingCounts(critical: critical, warning: warning, info: info)
  }

  package var bytes: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("version", EpochHead.version)
      json.member("epoch", header.number)
      json.member("began", header.began.unixNanoseconds)
      json.member("at", header.at.unixNanoseconds)
      if let expected = header.expected { json.member("expected", expected) }
      json.member("responded", header.responded)
      json.member("missing", header.missing)
      if let findings = header.findings {
        json.key("findings")
        json.object { json in
          json.member("critical", findings.critical)
          json.member("warning", findings.warning)
          json.member("info", findings.info)
        }
      }
      json.member("documents", header.documents)
      json.member("bytes", header.bytes)
      json.member("document_bytes", header.documentBytes)
      json.member("rests_on", restsOn)
      json.key("contents")
      json.object { contents.write(to: &$0) }
    }
    return json.bytes
  }
}
