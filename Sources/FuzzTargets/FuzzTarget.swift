/// A parser under test, with the properties that hold for any input. Shared by the fuzzer and by the replay of its corpora.
public struct FuzzTarget: Sendable {
  /// Also the name of its folder of inputs.
  public let name: String
  /// Runs the parser on an input; returns the property that did not hold, or nil.
  public let check: @Sendable (_ input: [UInt8]) -> String?

  /// One line here, one file beside this one, one folder under `Tests/Corpora`.
  public static let all: [FuzzTarget] = [
    .json, .jsonWalk, .http, .clientProtocol, .serverProtocol, .leafProtocol, .headerBlock, .configuration, .text, .compression, .envelope,
    .requestPayload, .claims, .redaction, .accessFile, .keptRoster, .systemModel, .archive,
    .recordMessage, .series,
  ]

  public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
