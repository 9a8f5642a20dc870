import Foundation
import FuzzTargets
import TestSupport
import Testing

/// Whatever `Wire`, `Compression`, `Archive` and `SystemAPI` read for others is fuzzed: a new reader needs a target, or a reason here.
@Suite struct ReaderTests {
  enum Coverage: Sendable {
    case target(String)
    /// Takes bytes or text, but reads nothing in it; the reason.
    case reads(nothing: String)
  }

  static let writes = "it writes"
  static let trusted = "its text is our own"

  /// Every public type that takes bytes or text from a caller, with the target that gives it a stranger's.
  static let readers: [String: Coverage] = [
    // Wire/NATS
    "ClientOpParser": .target("client-protocol"), "ServerOpParser": .target("server-protocol"), "LeafOpParser": .target("leaf-protocol"),
    "HeaderBlock": .target("header-block"), "ServerRefusal": .target("text"), "EarlierMoment": .target("text"), "Subject": .target("text"),
    "TokenReader": .target("text"),
    // Wire/JSON
    "JSONScanner": .target("json"), "JSONView": .target("json-walk"), "JSONValue": .target("json"), "JSONWalk": .target("json-walk"),
    "JSONMembers": .target("json-walk"), "JSONElements": .target("json-walk"), "JSONText": .target("json-walk"),
    "JSONNumber": .target("json-walk"), "JSONIndenter": .target("json"), "JSONEscaping": .target("json"), "JSONWriter": .target("json"),
    "GoJSONSyntax": .target("json"),
    // Wire/HTTP
    "HTTPRequestParser": .target("http"), "HTTPBodyReader": .target("http"), "HTTPQuery": .target("http"), "HTTPTarget": .target("http"),
    "HTTPNegotiation": .target("text"), "HTTPResponseHead": .reads(nothing: writes),
    // Wire/Configuration
    "ConfigurationDocument": .target("configuration"), "ConfigurationSources": .target("configuration"),
    "ConfigurationError": .reads(nothing: trusted),
    // Wire/Text
    "Base64": .target("text"), "Hexadecimal": .target("text"), "Timestamp": .target("text"), "DurationText": .target("text"),
    "HostPort": .target("text"), "NearestWord": .target("text"), "DecimalText": .reads(nothing: writes),
    // Compression
    "Gzip": .target("compression"), "SnappyFraming": .target("compression"), "CRC32C": .target("compression"),
    "ContentEncoding": .target("compression"), "CRC32": .target("archive"),
    // Archive
    "ZipBytes": .target("archive"), "EntryPath": .target("archive"), "ZipWriter": .target("archive"),
    "ArchiveManifest": .target("archive"), "ArchiveTags": .target("archive"), "ArchiveMetadata": .target("archive"),
    "ArchiveWriter": .reads(nothing: writes),
    "ZipFile": .reads(nothing: "it opens a file, and hands on its bytes"),
    // SystemAPI
    "ReplyEnvelope": .target("envelope"), "ReplyError": .target("envelope"), "ServerDescription": .target("envelope"),
    "JSONBytes": .target("json-walk"), "ServerVersion": .target("text"), "SubjectToken": .target("text"),
    "EndpointTable": .target("text"), "EndpointParameter": .target("text"), "QuestionForm": .reads(nothing: trusted),
  ]

  /// The public types of a module that have a public function or initializer which takes bytes, or which makes a value of a text
  /// and may fail to.
  static func declared(_ module: String) throws -> Set<String> {
    let folder = "\(packageRoot)/Sources/\(module)"
    var found: Set<String> = []
    for case let path as String in try #require(FileManager.default.enumerator(atPath: folder)) where path.hasSuffix(".swift") {
      let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
      var type = ""
      // A declaration may go over several lines: up to its brace.
      for statement in text.split(separator: "{") {
        for line in statement.split(separator: "\n") {
          if let match = line.firstMatch(
            of: /^(public )?(struct|enum|final class|class|extension|indirect enum|public indirect enum) (\w+)/)
          {
            type = String(match.3)
          }
        }
        guard let start = statement.ranges(of: /public (mutating |static |init)/).last else { continue }
        let declaration = statement[start.lowerBound...]
        guard declaration.contains("func ") || declaration.contains("init") else { continue }
        let parameters = declaration.drop { $0 != "(" }
        let takesBytes = parameters.contains(
          /UnsafeRawBufferPointer|UnsafeBufferPointer<UInt8>|\[UInt8\]|ArraySlice<UInt8>|some Collection<UInt8>/)
        let takesText = parameters.prefix { $0 != ")" }.contains(/: (some )?String(Protocol)?\b/)
        let mayFail = declaration.contains("init?(") || declaration.contains("throws") || declaration.contains("?")
        if takesBytes || takesText && mayFail { found.insert(type) }
      }
    }
    return found
  }

  @Test(arguments: ["Wire", "Compression", "Archive", "SystemAPI"]) func everyReaderHasATarget(_ module: String) throws {
    let declared = try Self.declared(module)
    #expect(!declared.isEmpty)
    for type in declared.sorted() { #expect(Self.readers[type] != nil, "\(type) reads bytes or text: give it a fuzz target") }
  }

  @Test func everyTargetIsThere() throws {
    let declared = try ["Wire", "Compression", "Archive", "SystemAPI"].reduce(into: Set<String>()) { $0.formUnion(try Self.declared($1)) }
    for (type, coverage) in Self.readers.sorted(by: { $0.key < $1.key }) {
      #expect(declared.contains(type), "\(type) reads nothing any more")
      guard case .target(let name) = coverage else { continue }
      #expect(FuzzTarget.named(name) != nil, "\(name)")
    }
  }
}
