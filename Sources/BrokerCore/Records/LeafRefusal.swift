/// What the other side's `-ERR` means for the next attempt to join it. NATS has only the text to tell by.
enum LeafRefusal {
  /// This server would hear itself: it waits half a minute.
  case loop
  case sameClusterName
  case tooOld
  case other

  init(_ text: String) {
    if text.contains("Loop detected") {
      self = .loop
    } else if text.contains("remote leafnode has same cluster name") {
      self = .sameClusterName
    } else if text.contains("minimum version required") {
      self = .tooOld
    } else {
      self = .other
    }
  }

  /// What the log says of it besides the text, as nats-server does; nil: nothing.
  func logged(account: String) -> String? {
    guard let delay else { return nil }
    let rest = "Delaying attempt to reconnect for \(Int(delay))s"
    return switch self {
    case .loop: "Loop detected for leafnode account=\"\(account)\". \(rest)"
    case .sameClusterName: "Leafnode connection dropped with same cluster name error. \(rest)"
    case .tooOld: "Leafnode connection dropped due to minimum version requirement. \(rest)"
    case .other: nil
    }
  }

  /// Seconds until the next attempt, as nats-server waits; nil: as after any other end.
  var delay: Double? {
    switch self {
    case .loop, .sameClusterName: 30
    case .tooOld: 5
    case .other: nil
    }
  }
}
