/// What a server refuses a client without ending the connection, read once from its `-ERR`.
public enum ServerRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// The user may not subscribe to this subject (as a member of this queue group, where one is named).
  case subscription(subject: String, queue: String? = nil)
  /// The user may not publish to this subject.
  case publish(subject: String)
  /// Another refusal, in the server's words.
  case other(String)

  /// Reads the text of an `-ERR`, without its quotes.
  ///
  /// - Returns: nil where the error ends the connection (`ConnectionLoss.init(endedBy:)`): permission errors leave it open
  ///   (NATS client protocol, `-ERR`), every other error ends it.
  public init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count >= 2, words[0].lowercased() == "permissions", words[1].lowercased() == "violation" else { return nil }
    let quoted = text.split(separator: "\"", omittingEmptySubsequences: false)
    let kind = quoted[0].lowercased()
    // `… to "subject"` gives three parts, `… to "subject" using queue "name"` five.
    switch (kind, quoted.count) {
    case ("permissions violation for subscription to ", 3) where quoted[2].isEmpty:
      self = .subscription(subject: String(quoted[1]))
    case ("permissions violation for subscription to ", 5) where quoted[2].lowercased() == " using queue " && quoted[4].isEmpty:
      self = .subscription(subject: String(quoted[1]), queue: String(quoted[3]))
    case ("permissions violation for publish to ", 3) where quoted[2].isEmpty:
      self = .publish(subject: String(quoted[1]))
    default: self = .other(text)
    }
  }

  /// In nats-server's words.
  public var description: String {
    switch self {
    case .subscription(let subject, nil): "Permissions Violation for Subscription to \"\(subject)\""
    case .subscription(let subject, let queue?): "Permissions Violation for Subscription to \"\(subject)\" using queue \"\(queue)\""
    case .publish(let subject): "Permissions Violation for Publish to \"\(subject)\""
    case .other(let text): text
    }
  }
}
