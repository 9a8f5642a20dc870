import Wire

/// What an epoch is made of: where each server's documents are and what they rest on, and what was believed. A line of JSON, and the beliefs
/// behind it.
package struct EpochContents: Sendable, Equatable {
  /// The documents of one server, or a part of them.
  struct Part: Sendable, Equatable {
    var server: String
    var pack: MessageRun
    /// The pack that is this one's prefix; nil where it stands alone.
    var after: MessageRun?
  }

  var parts: [Part]
  var beliefs: [UInt8]

  init(parts: [Part], beliefs: [UInt8]) {
    self.parts = parts
    self.beliefs = beliefs
  }

  /// nil for what is none.
  package init?(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), let json = try? JSONValue(parsing: Array(bytes[..<end])),
      let elements = json["parts"]?.elements
    else { return nil }
    parts = []
    for element in elements {
      guard let server = element["server"]?.string, let pack = MessageRun(element["pack"]) else { return nil }
      var part = Part(server: server, pack: pack)
      if let after = element["after"] {
        guard let run = MessageRun(after) else { return nil }
        part.after = run
      }
      parts.append(part)
    }
    beliefs = Array(bytes[(end + 1)...])
  }

  package var bytes: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("parts")
      json.array { json in
        for part in parts {
          json.object { json in
            json.member("server", part.server)
            json.key("pack")
            json.object { part.pack.write(to: &$0) }
            if let after = part.after {
              json.key("after")
              json.object { after.write(to: &$0) }
            }
          }
        }
      }
    }
    return json.bytes + [UInt8(ascii: "\n")] + beliefs
  }
}
