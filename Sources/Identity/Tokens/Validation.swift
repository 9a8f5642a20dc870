extension Claims {
  /// Issues of the standard claims; kinds add their own.
  public func validate(now: Int64) -> [ValidationIssue] { standard.timeIssues(now: now) }
}

extension Array where Element == ValidationIssue {
  /// Whether a server refuses the token.
  public func isBlocking(includingTime: Bool) -> Bool { contains { $0.isBlocking(includingTime: includingTime) } }
  mutating func error(_ text: String) { append(ValidationIssue(.error, text)) }
  mutating func warning(_ text: String) { append(ValidationIssue(.warning, text)) }
}

extension OperatorClaims {
  public func validate(now: Int64) -> [ValidationIssue] {
    var issues = standard.timeIssues(now: now)
    for key in signingKeys where !KeyPair.isPublicKey(key, .operator) { issues.error("\(key) is not an operator public key") }
    if !systemAccount.isEmpty && !KeyPair.isPublicKey(systemAccount, .account) {
      issues.error("\(systemAccount) is not an account public key")
    }
    if !accountServerURL.isEmpty && URLRules.scheme(accountServerURL) == nil {
      issues.error("account server url \"\(accountServerURL)\" requires a protocol")
    }
    for url in serviceURLs { issues += URLRules.serviceIssues(url) }
    if !assertServerVersion.isEmpty, OperatorClaims.version(assertServerVersion) == nil {
      issues.error("assert server version error: expected major.minor.update, found \"\(assertServerVersion)\"")
    }
    return issues
  }

  /// The three numbers of a `major.minor.update` text.
  public static func version(_ text: String) -> [Int]? {
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt16($0) }
    guard numbers.count == 3, !numbers.contains(nil) else { return nil }
    return numbers.compactMap { $0.map(Int.init) }
  }
}

enum URLRules {
  /// Whether the text has a scheme, no blanks, a whole `[address]` where it begins one, and whole `%XX` only.
  static func isAbsolute(_ url: String) -> Bool {
    guard !url.contains(" "), scheme(url) != nil, let start = url.range(of: "://")?.upperBound else { return false }
    let host = url[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if host.contains("[") != host.contains("]") { return false }
    return url.split(separator: "%", omittingEmptySubsequences: false).dropFirst().allSatisfy { rest in
      rest.utf8.count >= 2 && rest.utf8.prefix(2).allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }
  }

  static func scheme(_ url: String) -> String? {
    guard let range = url.range(of: "://"), range.lowerBound != url.startIndex else { return nil }
    return url[..<range.lowerBound].lowercased()
  }

  static func serviceIssues(_ url: String) -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    guard let scheme = scheme(url), ["nats", "tls", "ws", "wss"].contains(scheme), let range = url.range(of: "://") else {
      issues.error("operator service url \"\(url)\" - protocol not supported (only 'nats', 'tls', 'ws', 'wss' only)")
      return issues
    }
    let rest = url[range.upperBound...]
    if rest.contains("@") { issues.error("operator service url \"\(url)\" - credentials are not supported") }
    if rest.contains("/") && !(rest.hasSuffix("/") && rest.filter { $0 == "/" }.count == 1) {
      issues.error("operator service url \"\(url)\" - paths are not supported")
    }
    return issues
  }
}

extension String {
  /// Range of the first occurrence of an ASCII text.
  func range(of text: String) -> Range<String.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}

/// Texts of a template that are filled in for each user are judged once they are.
enum TemplateText {
  static func isOpen(_ text: String) -> Bool { text.contains("{{") }
}

extension Permissions {
  /// - Parameter isTemplate: Texts with `{{functions}}` are not judged.
  func validate(isTemplate: Bool = false) -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    for (entries, queues) in [
      (publish.allow, false), (publish.deny, false), (subscribe.allow, true), (subscribe.deny, true),
    ] {
      for entry in entries {
        let parts = entry.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        if parts.count > (queues ? 2 : 1), isTemplate, TemplateText.isOpen(entry) { continue }
        if parts.count > 2 {
          issues.error("Permission Subject \"\(entry)\" contains too many spaces")
        } else if parts.count == 2 && !queues {
          issues.error("Permission Subject \"\(entry)\" is not allowed to contain queue")
        } else {
          for part in parts where !(isTemplate && TemplateText.isOpen(part)) { issues += SubjectRules.issues(part) }
        }
      }
    }
    return issues
  }
}

extension UserLimits {
  /// What is wrong with them.
  /// - Parameter isTemplate: Texts with `{{functions}}` are not judged.
  public func validate(isTemplate: Bool = false) -> [ValidationIssue] {
    var issues = permissions.validate(isTemplate: isTemplate)
    let isJudged = { (text: String) in !(isTemplate && TemplateText.isOpen(text)) }
    for source in sources where isJudged(source) && NetworkRange(source) == nil {
      issues.error("invalid cidr \"\(source)\" in user src limits")
    }
    for range in times {
      if range.start.isEmpty {
        issues.error("time ranges start must contain a start")
      } else if isJudged(range.start) && TimeRange.seconds(range.start) == nil {
        issues.error("start in time range is invalid \"\(range.start)\"")
      }
      if range.end.isEmpty {
        issues.error("time ranges end must contain an end")
      } else if isJudged(range.end) && TimeRange.seconds(range.end) == nil {
        issues.error("end in time range is invalid \"\(range.end)\"")
      }
    }
    return issues
  }
}

extension UserClaims {
  public func validate(now: Int64) -> [ValidationIssue] {
    var issues = standard.timeIssues(now: now) + limits.validate()
    if !issuerAccount.isEmpty && !KeyPair.isPublicKey(issuerAccount, .account) { issues.error("account_id is not an account public key") }
    return issues
  }
}

extension ActivationClaims {
  public func validate(now: Int64) -> [ValidationIssue] { standard.timeIssues(now: now) + contentIssues() }

  func contentIssues() -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    if !issuerAccount.isEmpty && !KeyPair.isPublicKey(issuerAccount, .account) { issues.error("account_id is not an account public key") }
    issues += SubjectRules.issues(importSubject)
    if importKind == nil { issues.error("invalid import type: \"\(importKindText)\"") }
    return issues
  }
}

extension Info {
  func validate() -> [ValidationIssue] {
    var issues: [ValidationIssue] = []
    if description.utf8.count > 8192 { issues.error("Description is too long") }
    if url.utf8.count > 8192 { issues.error("Info URL is too long") }
    if !url.isEmpty && !URLRules.isAbsolute(url) {
      issues.error("error parsing info url: expected an absolute URL, found \"\(url)\"")
    }
    return issues
  }
}
