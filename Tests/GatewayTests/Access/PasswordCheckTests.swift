import Identity
import Testing

@testable import Gateway

/// Who exists cannot be told by time: a wrong password takes the same work whatever the name.
@Suite struct PasswordCheckTests {
  private static let tail = "7EqJtq98hPqEX7fNZaFWoOhi5d6nRk8aNZ0y5mP1JqYf0m1r2Qy3K"

  @Test(arguments: [[], [4], [11], [4, 11], [4, 6, 9, 12], [31, 4]])
  func wrongPasswordsTakeTheSameWork(_ costs: [Int]) {
    let hashes = costs.map { "$2a$\($0 < 10 ? "0" : "")\($0)$\(PasswordCheckTests.tail)" }
    #expect(hashes.map(Password.cost(ofHash:)) == costs)
    let checks = (hashes + [nil, "plain"]).map { PasswordCheck(stored: $0, dearest: costs.max()) }
    for check in checks { #expect(check.work == costs.max().map { 1 << UInt64($0) } ?? 0) }
    #expect(checks.allSatisfy { $0.isFree == costs.isEmpty })
  }

  @Test func comparesWithTheHashOnly() throws {
    let stored = try #require(Password.hash("right", cost: 4))
    let check = PasswordCheck(stored: stored, dearest: 6)
    #expect(check.matches("right") && !check.matches("wrong") && !check.matches(""))
    #expect(check.padding == [4, 5])
    #expect(!PasswordCheck(stored: nil, dearest: 4).matches("right"))
    #expect(!PasswordCheck(stored: "plain", dearest: 4).matches("plain"))
  }

  @Test(arguments: [
    "$2a$", "$2a$11$short", "$2a$03$\(tail)", "$2a$32$\(tail)", "$2a$1x$\(tail)", "$2a$10$\(tail)x", "$2a$10$\(tail.dropLast())é",
  ])
  func whatIsNoHashIsSaid(_ text: String) {
    #expect(Password.cost(ofHash: text) == nil)
    for entry in ["users: [ {user: u, password: \"\(text)\", role: r} ]", "tokens: [ {token: \"\(text)\", role: r} ]"] {
      #expect(throws: AccessError.self) { try AccessFile.parse(Array("roles { r { allow: [\"/**\"] } }\n\(entry)".utf8)) }
    }
  }
}
