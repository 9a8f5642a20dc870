import Reactor

/// Connections that are opened as fast as the server confirms them, and then held open, idle.
final class ConnectRun: LoadRun, @unchecked Sendable {  // confined as LoadRun is
  private var ready = 0
  private let onHeld: @Sendable (LoadReport) -> Void

  /// - Parameter onHeld: called when all are open, before they are held.
  init(_ options: LoadOptions, onHeld: @escaping @Sendable (LoadReport) -> Void) {
    self.onHeld = onHeld
    super.init(options)
  }

  override func begin() {
    report.expected = options.publishers
    startClock()
    open(options.publishers) { _, _ in
      self.ready += 1
      self.report.received = self.ready
      guard self.ready == self.options.publishers else { return }
      self.report.published = self.ready
      guard self.options.hold > 0 else { return self.finish() }
      let report = self.elapsed()
      self.onHeld(report)
      _ = self.shard.after(self.options.hold) { self.finish(with: report) }
    }
  }

  /// While connections are only held, silence is what is expected.
  override func giveUp() { if ready < options.publishers { super.giveUp() } }
}
