/// A sentence as a chat shows it and nothing else: names in it are strangers', and must not call everybody, link anywhere, or begin a line.
enum ChatText {
  /// Characters of a sentence that are shown.
  static let longest = 500
  /// What calls many at once in the chats that take a `text`.
  private static let calls = ["@channel", "@here", "@all", "@everyone"]

  static func plain(_ sentence: String) -> String {
    var text = ""
    for scalar in sentence.unicodeScalars.prefix(longest) {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      default:
        if isHidden(scalar) {
          text += "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    if sentence.unicodeScalars.count > longest { text += "…" }
    // A link of Markdown, and what calls, come apart by a blank.
    text = text.replacing("](", with: "] (")
    for call in calls { text = text.replacing(call, with: "@ " + call.dropFirst()) }
    return text
  }

  /// Controls, line ends, and what turns the direction of a text or has no width.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }
}
