import Archive
import Foundation
import TestSupport
import Testing
import Wire

/// Archives of a system: tags, pages, the manifest, and what cannot be in one.
@Suite struct ArchiveTests {
  static func reply(_ server: String, _ data: String, id: String? = nil) -> [UInt8] {
    Array("{\"server\":{\"name\":\"\(server)\",\"id\":\"\(id ?? "N" + server)\",\"cluster\":\"east\"},\"data\":\(data)}".utf8)
  }

  /// The archive of the specification's example, and what of it was left out.
  static func written(_ body: (ArchiveWriter) throws -> Void) throws -> (bytes: [UInt8], writer: ArchiveWriter) {
    var bytes: [UInt8] = []
    let writer = try ArchiveWriter(started: ZipRoundTripTests.moment) { bytes += $0 }
    try body(writer)
    try writer.finish()
    return (bytes, writer)
  }

  static func example(_ writer: ArchiveWriter) throws {
    for server in ["e1", "e2"] {
      try writer.add(.server(.variables, cluster: "east", server: server), reply(server, "{\"connections\":3}"))
      try writer.add(
        .server(.connections, cluster: "east", server: server),
        reply(server, #"{"total":3,"offset":0,"connections":[{"cid":1},{"cid":2}]}"#))
      try writer.add(
        .server(.connections, cluster: "east", server: server), reply(server, #"{"total":3,"offset":2,"connections":[{"cid":3}]}"#))
      try writer.add(
        .account(.accountInfo, account: "APP", cluster: "east", server: server), reply(server, #"{"account_name":"APP"}"#))
      try writer.add(
        .stream(account: "APP", stream: "JOBS", cluster: "east", server: server),
        Array(#"{"name":"JOBS","state":{"messages":90},"config":{}}"#.utf8))
    }
    try writer.add(.server(.variables, cluster: "", server: "lonely"), reply("lonely", "{\"x\":\"<&>\"}"))
    try writer.add(.profile(name: "goroutine_1", cluster: "east", server: "e1"), [0, 1, 2, 255])
    var metadata = ArchiveMetadata()
    (metadata.captured, metadata.serverName, metadata.version) = ("2026-11-30T02:00:00.000000001Z", "e1", "natsight 1")
    try writer.add(.special(name: ArchiveMetadata.special, ending: "json"), metadata.encoded)
    try writer.add(.special(name: ArchiveMetadata.log, ending: "log"), Array("a line\n".utf8))
  }

  @Test func whatIsPutInIsFound() throws {
    let bytes = try Self.written(Self.example).bytes
    #expect(try Self.written(Self.example).bytes == bytes)
    let archive = try ArchiveReader(ZipReader(ZipBytes(bytes)))
    #expect(archive.warnings == [] && archive.manifest.entries.count == 14)
    #expect(archive.clusters == ["east", "unclustered"] && archive.accounts == ["APP"])
    #expect(archive.servers(inCluster: "east") == ["e1", "e2"] && archive.servers(inCluster: "unclustered") == ["lonely"])
    #expect(archive.streams(ofAccount: "APP") == ["JOBS"] && archive.servers(ofStream: "JOBS", account: "APP") == ["e1", "e2"])
    #expect(archive.values(.artifactType, ArchiveTags(account: "APP")) == ["account_info", "stream_info"])
    let question = ArchiveTags(cluster: "east", server: "e1", type: .connections)
    #expect(
      archive.entries(question).map(\.path) == ["0001", "0002"].map { "capture/clusters/east/e1/connections/\($0).json" })
    #expect(try archive.pages(question).count == 2)
    let replies = try archive.replies(question)
    #expect(replies.map(\.serverID) == ["Ne1"])
    let joined = try JSONView(validating: replies[0].bytes)
    #expect(joined["data"]?["connections"]?.elements.map { $0["cid"]?.int } == [1, 2, 3] && joined["data"]?["offset"]?.int == 0)
    #expect(try archive.replies(ArchiveTags(type: .variables)).map(\.serverID) == ["Ne1", "Ne2", "Nlonely"])
    #expect(archive.entries(ArchiveTags(cluster: "west")).isEmpty && archive.entries(ArchiveTags()).count == 14)
    #expect(try archive.only(ArchiveTags(special: ArchiveMetadata.log)) == Array("a line\n".utf8))
    #expect(try archive.only(ArchiveTags(profileName: "goroutine_1")) == [0, 1, 2, 255])
    #expect(try archive.metadata().captured == "2026-11-30T02:00:00.000000001Z")
    #expect(throws: ArchiveError.notOne("server \"e1\" and artifact_type \"connections\"", found: 2)) {
      try archive.only(ArchiveTags(server: "e1", type: .connections))
    }
    #expect(throws: ArchiveError.notOne("special \"x\"", found: 0)) { try archive.only(ArchiveTags(special: "x")) }
  }

  /// Replies are indented and end as they are; what is encoded anew ends with a line feed; the manifest comes last.
  @Test func theFormIsTheirs() throws {
    let zip = try ZipReader(ZipBytes(Self.written(Self.example).bytes))
    func text(_ name: String) throws -> String { String(decoding: try zip.read(#require(zip.entry(named: name))), as: UTF8.self) }
    #expect(zip.entries.last?.name == "capture/misc/manifest.json")
    #expect(
      try text("capture/clusters/unclustered/lonely/variables/0001.json") == """
        {
          "server": {
            "name": "lonely",
            "id": "Nlonely",
            "cluster": "east"
          },
          "data": {
            "x": "<&>"
          }
        }
        """)
    #expect(try text("capture/accounts/APP/streams/JOBS/replicas/east__e2/stream_info/0001.json").hasSuffix("\"config\": {}\n}\n"))
    #expect(
      try text("capture/misc/manifest.json").contains(
        """
          "capture/accounts/APP/servers/east__e1/account_info/0001.json": [
            {
              "Name": "account",
              "Value": "APP"
            },
            {
              "Name": "cluster",
              "Value": "east"
            },
            {
              "Name": "server",
              "Value": "e1"
            },
            {
              "Name": "artifact_type",
              "Value": "account_info"
            }
          ],

        """))
    #expect(zip.entry(named: "capture/profiles/east/e1__goroutine_1.prof") != nil)
    #expect(try text("capture/misc/audit_gather_metadata.json").hasPrefix("{\n  \"capture_timestamp\": \"2026"))
  }

  // MARK: Left out

  @Test func whatCannotBeInItIsToldAndTheRestGoesOn() throws {
    let good = Self.reply("e1", "{}")
    let stream = Array(#"{"name":"S","state":{}}"#.utf8)
    let cases: [(Artifact, [UInt8], ArchiveWriter.Reason)] = [
      (.server(.variables, cluster: "east", server: "a/b"), good, .name(shown: "\"a/b\"", .emptyPart)),
      (.server(.variables, cluster: "..", server: "a"), good, .name(shown: "\"..\"", .leadsUp)),
      (.server(.variables, cluster: "east", server: ""), good, .name(shown: "\"\"", .empty)),
      (.account(.accountInfo, account: "a\\b", cluster: "", server: "a"), good, .name(shown: "\"a\\\\b\"", .backslash)),
      (.account(.accountInfo, account: String(repeating: "a", count: 3_000), cluster: "", server: "a"), good, .longName(bytes: 3_063)),
      (.stream(account: "A", stream: "a\nb", cluster: "", server: "a"), stream, .name(shown: "\"a\\nb\"", .controlCharacter)),
      (.server(.accountInfo, cluster: "", server: "a"), good, .wrongType),
      (.account(.variables, account: "A", cluster: "", server: "a"), good, .wrongType),
      (.server(.variables, cluster: "", server: "a"), Array("no JSON".utf8), .noReply),
      (.server(.variables, cluster: "", server: "a"), Array("{\"data\":{}}".utf8), .noReply),
      (.server(.variables, cluster: "", server: "a"), Array(#"{"server":{},"data":null}"#.utf8), .noReply),
      (
        .server(.variables, cluster: "", server: "a"), Array(#"{"server":{},"error":{"code":500,"description":"no"}}"#.utf8),
        .error("500 no")
      ),
      (.stream(account: "A", stream: "S", cluster: "", server: "a"), good, .noStream),
      (.stream(account: "A", stream: "T", cluster: "", server: "a"), stream, .noStream),
      (.special(name: "log", ending: "txt"), [2], .duplicate), (.special(name: "manifest", ending: "json"), [], .duplicate),
      (.profile(name: "heap", cluster: "", server: "a"), [2], .duplicate),
    ]
    let (bytes, writer) = try Self.written { writer in
      try writer.add(.special(name: "log", ending: "txt"), [1])
      try writer.add(.profile(name: "heap", cluster: "", server: "a"), [1])
      for (artifact, bytes, reason) in cases {
        #expect(try writer.add(artifact, bytes)?.reason == reason, "\(artifact)")
        #expect(try writer.add(.server(.health, cluster: "", server: "a"), good) == nil)
      }
    }
    #expect(writer.leftOut.map(\.reason) == cases.map(\.2) && writer.leftOutCount == cases.count)
    #expect(writer.leftOut[0].description.hasPrefix("cluster=\"east\" server=\"a/b\" artifact_type=\"variables\" is left out: \"a/b\" has"))
    let archive = try ArchiveReader(ZipReader(ZipBytes(bytes)))
    #expect(archive.manifest.entries.count == cases.count + 2 && archive.warnings == [])
    #expect(archive.entries(ArchiveTags(type: .health)).last?.path.hasSuffix("/health/0017.json") == true)
  }

  @Test func pagesAreCounted() throws {
    let reply = Self.reply("a", "{}")
    let (bytes, writer) = try Self.written { writer in
      for number in 1...10_001 {
        let left = try writer.add(.server(.health, cluster: "", server: "a"), reply)
        #expect((left != nil) == (number > 9_999))
      }
    }
    #expect(writer.leftOut.map(\.reason) == [.tooManyPages, .tooManyPages])
    #expect(try ZipReader(ZipBytes(bytes)).entries.count == 10_000)
  }

  // MARK: Joining

  /// Two servers of one name are pages of each other, and two replies.
  @Test func serversOfOneNameAreToldApart() throws {
    let artifact = Artifact.server(.connections, cluster: "east", server: "e1")
    let bytes = try Self.written { writer in
      for (id, cid) in [("N1", 1), ("N1", 2), ("N2", 3), ("N2", 4)] {
        try writer.add(artifact, Self.reply("e1", "{\"connections\":[{\"cid\":\(cid)}]}", id: id))
      }
      try writer.add(.server(.variables, cluster: "east", server: "e1"), Self.reply("e1", "{}", id: "N1"))
      try writer.add(.server(.variables, cluster: "east", server: "e1"), Self.reply("e1", "{}", id: "N2"))
    }.bytes
    let archive = try ArchiveReader(ZipReader(ZipBytes(bytes)))
    let replies = try archive.replies(artifact.tags)
    #expect(replies.map(\.serverID) == ["N1", "N2"])
    #expect(
      try replies.map { try JSONView(validating: $0.bytes)["data"]?["connections"]?.elements.compactMap { $0["cid"]?.int } }
        == [[1, 2], [3, 4]])
    #expect(try archive.replies(ArchiveTags(type: .variables)).map(\.serverID) == ["N1", "N2"])
  }

  /// [type, list, pages' data, the joined data]
  @Test(arguments: [
    (
      ArtifactType.connections, [#"{"n":1,"connections":[1,2],"z":3}"#, #"{"n":9,"connections":[3]}"#],
      #"{"n":1,"connections":[1,2,3],"z":3}"#
    ),
    (.subs, [#"{"n":1}"#, #"{"subscriptions_list":[3]}"#], #"{"n":1,"subscriptions_list":[3]}"#),
    (.subs, ["{}", #"{"subscriptions_list":[{"a":1},{}]}"#], #"{"subscriptions_list":[{"a":1},{}]}"#),
    (
      .jetStreamInfo, [#"{"account_details":[]}"#, #"{"account_details":[1]}"#, #"{"account_details":[2]}"#], #"{"account_details":[1,2]}"#
    ),
    (.connections, [#"{"connections":[1]}"#, #"{"total":1}"#], #"{"connections":[1]}"#),
    (.connections, [#"{"connections":null}"#, #"{"connections":[1]}"#], #"{"connections":[1]}"#),
    (.connections, [#"{"connections":"x"}"#, #"{"connections":{"a":1}}"#], #"{"connections":"x"}"#),
    (.jetStreamInfo, ["[]", #"{"account_details":[1]}"#], "[]"),
  ])
  func pagesAreJoined(_ type: ArtifactType, _ pages: [String], _ expected: String) throws {
    let bytes = try Self.written { writer in
      for page in pages { try writer.add(.server(type, cluster: "c", server: "s"), Self.reply("s", page)) }
    }.bytes
    let replies = try ArchiveReader(ZipReader(ZipBytes(bytes))).replies(ArchiveTags(type: type))
    #expect(replies.count == 1)
    let data = try #require(try JSONView(validating: replies[0].bytes)["data"])
    #expect(JSONIndenter.indented(Array(data.raw)) == JSONIndenter.indented(Array(expected.utf8)))
  }

  /// The account of each connection, from the accounts' lists; and these alone, where the server's list is not there.
  @Test(arguments: [true, false]) func connectionsHaveTheirAccounts(_ hasServers: Bool) throws {
    let bytes = try Self.written { writer in
      for (account, data) in [
        ("A<B", #"{"num_connections":2,"total":2,"connections":[{"cid":1,"ip":"x"},{"cid":2}]}"#),
        ("C", #"{"num_connections":2,"total":2,"connections":[{"cid":3,"account":"own"},{"ip":"no cid"}]}"#), ("D", #"{"total":0}"#),
      ] { try writer.add(.account(.accountConnections, account: account, cluster: "c", server: "s"), Self.reply("s", data)) }
      guard hasServers else { return }
      for data in [#"{"total":3,"connections":[{"cid":2},{}]}"#, #"{"total":3,"connections":[{"cid":3},{"cid":9}]}"#] {
        try writer.add(.server(.connections, cluster: "c", server: "s"), Self.reply("s", data))
      }
    }.bytes
    let archive = try ArchiveReader(ZipReader(ZipBytes(bytes)))
    let replies = try archive.connections(cluster: "c", server: "s")
    #expect(replies.map(\.serverID) == ["Ns"])
    let data = try #require(try JSONView(validating: replies[0].bytes)["data"])
    let rows = try #require(data["connections"]).elements.map { [$0["cid"]?.rawText ?? "-", $0["account"]?.string ?? "-"] }
    if hasServers {
      #expect(rows == [["2", "A<B"], ["-", "-"], ["3", "C"], ["9", "-"]] && data["total"]?.int == 3)
    } else {
      #expect(rows == [["1", "A<B"], ["2", "A<B"], ["3", "own"]] && data["total"]?.int == 3 && data["num_connections"]?.int == 3)
    }
    #expect(try archive.connections(cluster: "c", server: "other").isEmpty)
  }

  /// However many entries are said to be of one server: no more is read at once than an answer may be made of.
  @Test func answersAreBounded() throws {
    let zip = try ZipReader(ZipBytes(Self.written(Self.example).bytes))
    let question = ArchiveTags(server: "e1", type: .connections)
    let size = try ArchiveReader(zip).pages(question).reduce(0) { $0 + $1.count }
    #expect(try ArchiveReader(zip, answerBytes: UInt64(size)).replies(question).count == 1)
    let archive = try ArchiveReader(zip, answerBytes: UInt64(size) - 1)
    let error = ArchiveError.tooLarge("server \"e1\" and artifact_type \"connections\"", found: UInt64(size), limit: UInt64(size) - 1)
    #expect(throws: error) { try archive.replies(question) }
    #expect(throws: error) { try archive.pages(question) }
    #expect(try archive.metadata().serverName == "e1")
  }

  // MARK: Archives that are none

  private func zip(_ manifest: String?, _ others: [String] = []) throws -> ZipReader {
    try ZipReader(
      ZipBytes(
        ZipRoundTripTests.zip(others.map { ($0, []) } + (manifest.map { [("capture/misc/manifest.json", Array($0.utf8))] } ?? []))))
  }

  @Test(
    arguments: [
      (nil, .noManifest), ("[]", .damagedManifest("expected a JSON object of paths")),
      ("{", .damagedManifest("expected a JSON object of paths")),
      (#"{"a":[]}"#, .missingEntry("\"a\"")), (#"{"x":1}"#, .damagedManifest("expected a list of tags for \"x\"")),
      (#"{"x":[1]}"#, .damagedManifest("a tag of \"x\" has no name, or no value")),
      (#"{"x":[{"Name":"server"}]}"#, .damagedManifest("a tag of \"x\" has no name, or no value")),
      (#"{"x":[{"Name":"server","Value":1}]}"#, .damagedManifest("a tag of \"x\" has no name, or no value")),
      (
        #"{"x":[{"Name":"server","Value":"a"},{"Name":"server","Value":"b"}]}"#, .damagedManifest("\"x\" has two tags server")
      ),
      (
        #"{"x":[{"Name":"server","Value":"a"},{"Name":"special","Value":"b"}]}"#,
        .damagedManifest("\"x\" is for the whole archive, and for a part of it")
      ), (#"{"x":[],"x":[]}"#, .damagedManifest("\"x\" stands there twice")),
    ] as [(String?, ArchiveError)])
  func whatIsNoArchive(_ manifest: String?, _ error: ArchiveError) throws {
    let zip = try zip(manifest, ["x"])
    #expect(throws: error) { try ArchiveReader(zip) }
    #expect(!error.description.isEmpty && !error.description.hasSuffix("."))
  }

  @Test func whatIsOddIsTold() throws {
    let archive = try ArchiveReader(zip(#"{"x":[{"Name":"mood","Value":"good"},{"Name":"server","Value":"a"}]}"#, ["x", "y"]))
    #expect(archive.warnings == ["the manifest has tags \"mood\", which are not known here", "the manifest does not say what \"y\" is"])
    #expect(archive.entries(ArchiveTags(server: "a")).map(\.path) == ["x"])
    #expect(throws: ArchiveError.noJSON("\"x\"")) { try archive.pages(ArchiveTags(server: "a")) }
    #expect(throws: ArchiveError.noJSON("\"x\"")) { try archive.replies(ArchiveTags(server: "a")) }
  }

  @Test func manifestsAreReadAsTheyAreWritten() throws {
    let entries = Artifact.samples.enumerated().map { ArchiveManifest.Entry(path: "p\($0.offset)", tags: $0.element.tags) }
    let manifest = ArchiveManifest(entries)
    #expect(try ArchiveManifest(json: manifest.encoded) == manifest)
    #expect(ArchiveManifest([]).encoded == Array("{}\n".utf8))
  }
}

extension Artifact {
  static let samples: [Artifact] = [
    .server(.variables, cluster: "", server: "a"), .account(.accountLeafs, account: "Ä<&>", cluster: "c", server: "s"),
    .stream(account: "A", stream: "S", cluster: "c", server: "s"), .profile(name: "heap", cluster: "c", server: "s"),
    .special(name: "x", ending: "json"),
  ]
}
