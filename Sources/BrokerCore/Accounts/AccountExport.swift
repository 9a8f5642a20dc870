import Wire

/// What an account offers to others.
package final class AccountExport {
  package let kind: BorderKind
  package let subject: [UInt8]
  /// Nil: everybody.
  package var approved: Set<String>?
  /// An activation token is needed (operator mode); judged by who makes the import.
  package var tokenRequired = false
  package var responseType = ServiceResponseType.singleton
  /// Zero: none was set.
  package var responseThreshold = Span.zero
  package var latency: ServiceLatencyConfiguration?
  package var accountTokenPosition = 0
  package var allowTrace = false

  package init(kind: BorderKind, subject: String) {
    self.kind = kind
    self.subject = Array(subject.utf8)
  }

  package convenience init(_ configuration: ExportConfiguration) {
    self.init(kind: configuration.kind, subject: configuration.subject)
    approved = configuration.accounts.map(Set.init)
    responseType = configuration.responseType
    responseThreshold = .seconds(max(0, configuration.responseThreshold ?? 0))
    latency = configuration.latency
    accountTokenPosition = configuration.accountTokenPosition
    allowTrace = configuration.allowTrace
  }

  package var subjectText: String { String(decoding: subject, as: UTF8.self) }

  /// `importer` may import `wanted` from here.
  func admits(_ importer: String, _ wanted: [UInt8]) -> Bool {
    guard Subject.isSubset(wanted, of: subject) else { return false }
    if accountTokenPosition > 0 {
      let tokens = Subject.tokens(wanted)
      guard accountTokenPosition <= tokens.count, tokens[accountTokenPosition - 1] == Array(importer.utf8) else { return false }
    }
    return approved.map { $0.contains(importer) } ?? true
  }
}
