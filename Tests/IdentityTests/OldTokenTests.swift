import Testing
import Wire

@testable import Identity

/// Tokens of the first version, as documents show them.
@Suite struct OldTokenTests {
  /// An operator of 2018 that nats-server's own tests use.
  private static let token =
    "eyJ0eXAiOiJqd3QiLCJhbGciOiJlZDI1NTE5In0.eyJhdWQiOiJURVNUUyIsImV4cCI6MTg1OTEyMTI3NSwianRpIjoiWE5MWjZYWVBIVE1ESlFSTlFPSFVP"
    + "SlFHV0NVN01JNVc1SlhDWk5YQllVS0VRVzY3STI1USIsImlhdCI6MTU0Mzc2MTI3NSwiaXNzIjoiT0NBVDMzTVRWVTJWVU9JTUdOR1VOWEo2NkFIMlJMU0RB"
    + "RjNNVUJDWUFZNVFNSUw2NU5RTTZYUUciLCJuYW1lIjoiU3luYWRpYSBDb21tdW5pY2F0aW9ucyBJbmMuIiwibmJmIjoxNTQzNzYxMjc1LCJzdWIiOiJPQ0FU"
    + "MzNNVFZVMlZVT0lNR05HVU5YSjY2QUgyUkxTREFGM01VQkNZQVk1UU1JTDY1TlFNNlhRRyIsInR5cGUiOiJvcGVyYXRvciIsIm5hdHMiOnsic2lnbmluZ19r"
    + "ZXlzIjpbIk9EU0tSN01ZRlFaNU1NQUo2RlBNRUVUQ1RFM1JJSE9GTFRZUEpSTUFWVk40T0xWMllZQU1IQ0FDIiwiT0RTS0FDU1JCV1A1MzdEWkRSVko2NTdK"
    + "T0lHT1BPUTZLRzdUNEhONk9LNEY2SUVDR1hEQUhOUDIiLCJPRFNLSTM2TFpCNDRPWTVJVkNSNlA1MkZaSlpZTVlXWlZXTlVEVExFWjVUSzJQTjNPRU1SVEFC"
    + "UiJdfX0.hyfz6E39BMUh0GLzovFfk3wT4OfualftjdJ_eYkLfPvu5tZubYQ_Pn9oFYGCV_6yKy3KMGhWGUCyCdHaPhalBw"

  /// What nats-server 2.9.10 and 2.15-dev say as `trusted_operators_claim` of /varz.
  private static let shown = """
    {"aud":"TESTS","exp":1859121275,"jti":"XNLZ6XYPHTMDJQRNQOHUOJQGWCU7MI5W5JXCZNXBYUKEQW67I25Q","iat":1543761275,\
    "iss":"OCAT33MTVU2VUOIMGNGUNXJ66AH2RLSDAF3MUBCYAY5QMIL65NQM6XQG","name":"Synadia Communications Inc.","nbf":1543761275,\
    "sub":"OCAT33MTVU2VUOIMGNGUNXJ66AH2RLSDAF3MUBCYAY5QMIL65NQM6XQG","nats":{"signing_keys":[\
    "ODSKR7MYFQZ5MMAJ6FPMEETCTE3RIHOFLTYPJRMAVVN4OLV2YYAMHCAC","ODSKACSRBWP537DZDRVJ657JOIGOPOQ6KG7T4HN6OK4F6IECGXDAHNP2",\
    "ODSKI36LZB44OY5IVCR6P52FZJZYMYWZVWNUDTLEZ5TK2PN3OEMRTABR"],"type":"operator","version":1}}
    """

  @Test func kindAndVersionStandWhereTheyDoToday() throws {
    #expect(try String(decoding: #require(TokenPayload.shown(Self.token)), as: UTF8.self) == Self.shown)
    // What is of today, or no token that holds, is left as it is.
    let key = KeyPair.generate(.operator)
    let new = try Token.encode(OperatorClaims(subject: key.publicKey, name: "O"), signer: key, now: 1)
    #expect(TokenPayload.shown(new) == TokenPayload.json(new))
    let broken = Self.token.dropLast(4) + "AAAA"
    #expect(TokenPayload.shown(String(broken)) == TokenPayload.json(Self.token))
    #expect(TokenPayload.shown("x.y") == nil)
  }
}
