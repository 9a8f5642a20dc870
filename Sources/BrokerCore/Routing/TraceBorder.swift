/// A border that a message which is followed has passed: what servers beyond it tell comes back by it, as answers do.
final class TraceBorder {
  private let service: ServiceImport
  /// The one before it on the way.
  private let outer: TraceBorder?
  private var pending: PendingReply?

  init(_ service: ServiceImport, behind outer: TraceBorder?) {
    self.service = service
    self.outer = outer
  }

  /// Where one server more tells what becomes of the message, in the exporting account: made when the first such server is met, since most
  /// messages meet none. Nil where too many traces are awaited.
  func address(of trace: MessageTrace, _ router: Router) -> [UInt8]? {
    if let pending {
      awaitOneMore()
      return pending.address
    }
    let destination = outer.map { $0.address(of: trace, router) } ?? Array(trace.destination.utf8)
    pending = destination.flatMap { router.expectTraces($0, service) }
    return pending?.address
  }

  /// What comes by this border passes those before it too.
  private func awaitOneMore() {
    pending?.awaitTraces(1)
    outer?.awaitOneMore()
  }
}
