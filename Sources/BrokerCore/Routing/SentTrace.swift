/// Messages that went out, in the log.
extension ClientConnection {
  /// What was sent behind the control line of a message.
  @inline(never)
  func traceOutput(_ message: borrowing Message, withoutHeader: Bool) {
    if withoutHeader {
      tracePayload(message.payload, headerSize: 0, as: "->>")
    } else {
      tracePayload(message.body, headerSize: message.headerSize, as: "->>")
    }
  }
}
