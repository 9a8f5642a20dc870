import Wire

/// Where news of findings goes, and in which form: `https://…` gets a JSON document, `alertmanager+https://…` what Alertmanager's API (v2) takes,
/// `chat+https://…` a text, as chat webhooks take it.
public struct NotifyTarget: Sendable, Hashable {
  public enum Form: String, Sendable, CaseIterable {
    case document = "", alertmanager = "alertmanager+", chat = "chat+"
  }

  public let form: Form
  /// What is posted to.
  public let url: String
  /// Without secrets: a webhook's path is one.
  public let shown: String

  /// A sentence about what is none.
  public struct Invalid: Error, CustomStringConvertible, Sendable {
    public let description: String
  }

  private static let longest = 2048

  public init(_ text: String) throws(Invalid) {
    let form = Form.allCases.first { !$0.rawValue.isEmpty && text.lowercased().hasPrefix($0.rawValue) } ?? .document
    let rest = String(text.dropFirst(form.rawValue.count))
    let scheme = ["http://", "https://"].first { rest.lowercased().hasPrefix($0) }
    guard let scheme, text.utf8.count <= NotifyTarget.longest, text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
      throw Invalid(
        description:
          "expected http://, https://, alertmanager+http(s):// or chat+http(s):// and a host, found \"\(NotifyTarget.hidden(text))\"")
    }
    let authority = UserInfo.removed(from: rest).dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.isEmpty, !rest.contains("#") else {
      throw Invalid(description: "expected a host behind \(form.rawValue)\(scheme), and no #, found \"\(NotifyTarget.hidden(text))\"")
    }
    self.form = form
    shown = "\(form.rawValue)\(scheme)\(authority)"
    guard form == .alertmanager else {
      url = rest
      return
    }
    guard !rest.contains("?") else { throw Invalid(description: "\(shown): Alertmanager's address has no query") }
    var base = rest
    while base.hasSuffix("/") { base.removeLast() }
    url = base.hasSuffix("/api/v2/alerts") ? base : base + "/api/v2/alerts"
  }

  /// The scheme and no more: what follows may hold secrets.
  private static func hidden(_ text: String) -> String {
    guard let end = text.range(of: "://") else { return String(text.prefix { $0 != "@" && $0 != "?" }.prefix(40)) }
    return text[..<end.lowerBound].prefix(40) + "://…"
  }
}

extension String {
  /// Where a text stands in this one.
  fileprivate func range(of text: String) -> Range<String.Index>? { ranges(of: text).first }
}
