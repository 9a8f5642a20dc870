import Wire

/// Messages that ask to be followed.
extension ClientProtocol {
  func publish(_ message: inout Message, _ client: ClientConnection, _ state: ClientState, _ trace: MessageTrace) {
    let subject = message.subject
    let mapped = client.account.mappings.isEmpty ? nil : client.account.mappings.select(subject)
    (mapped ?? Array(subject)).withUnsafeBytes { actual in
      message.subject = actual
      guard mayTrace(trace, client) else { return }
      let refusal = refusal(of: actual, message.reply, client)
      trace.ingress(client, subject, refusal: refusal.map { "Permissions Violation for \($0.what)" })
      if mapped != nil { trace.mapped(to: actual) }
      if let refusal {
        violation(refusal.what, log: refusal.log, client)
        return trace.tell(router, in: client.account)
      }
      sendOK(client, state)
      let delivered = router.route(&message, in: client.account, from: client, trace)
      if !delivered && state.noResponders && !message.reply.isEmpty { sendNoResponders(message, client) }
    }
  }

  /// Who may not publish there may not have somebody else do so.
  private func mayTrace(_ trace: MessageTrace, _ client: ClientConnection) -> Bool {
    let destination = Array(trace.destination.utf8)
    guard !destination.withUnsafeBytes({ mayPublish($0, client) }) else { return true }
    let quoted = GoQuote.quoted(trace.destination)
    violation("Publish to \(quoted)", log: "Publish Violation - Subject \(quoted)", client)
    return false
  }

  private func refusal(
    of subject: UnsafeRawBufferPointer, _ reply: UnsafeRawBufferPointer, _ client: ClientConnection
  ) -> (what: String, log: String)? {
    guard mayPublish(subject, client) else {
      let quoted = GoQuote.quoted(subject)
      return ("Publish to \(quoted)", "Publish Violation - Subject \(quoted)")
    }
    guard !reply.isEmpty && isReserved(reply) else { return nil }
    let quoted = GoQuote.quoted(reply)
    return ("Publish with Reply of \(quoted)", "Publish Violation - Reply \(quoted)")
  }

  /// A message is larger than it may be: whoever follows it hears so, where its header block came with its first line.
  @inline(never)
  func tellOfRefused(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ client: ClientConnection, _ state: ClientState) {
    guard client.isRegistered, client.headers, let refused = state.parser.refused(in: bytes, at: offset) else { return }
    refused.header.withUnsafeBytes { header in
      guard let trace = MessageTrace.ofRefused(header, size: refused.size, client), mayTrace(trace, client) else { return }
      refused.subject.withUnsafeBytes { trace.ingress(client, $0, refusal: "maximum payload exceeded") }
      trace.tell(router, in: client.account)
    }
  }
}
