import Foundation

/// The recorded keys, tokens and answers: throw-away keys made from fixed labels, accepted or refused by a real nats-server.
enum Vectors {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors")

  struct Key: Decodable {
    let kind, raw_seed_hex, raw_public_hex, seed, `public`, `private`: String
  }
  struct Signature: Decodable { let key, nonce, sig: String }
  private struct Signatures: Decodable { let vectors: [Signature] }
  struct Answer: Decodable { let answer: String }

  static let keys: [String: Key] = load("keys.json")
  static let signatures = (load("signatures.json") as Signatures).vectors
  static let answers: [String: Answer] = load("results-2.15.0-dev.json")

  private static func load<Value: Decodable>(_ name: String) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(contentsOf: folder.appendingPathComponent(name)))
    } catch { preconditionFailure("vectors \(name): \(error)") }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
  }
  static func names(_ directory: String, _ suffix: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(directory).path)
      .filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
  }
}
