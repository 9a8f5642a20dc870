import SystemAPI
import SystemModel
import Wire

/// Servers that were started a moment ago: their links, replicas and leaders come one after the other, and what is missing meanwhile is no alarm.
extension JudgedSystem {
  /// A server that was started has so long to find its place.
  static let settling = Span.seconds(90)

  /// Servers that were started a moment ago, or taken out in order.
  var restarted: [String] { (Array(young.keys) + Array(leaving.keys)).sorted() }

  /// The same without those that were never there before: a system that has just begun restarts nobody.
  var cameBack: [String] {
    restarted.filter { name in leaving[name] != nil || servers.contains { $0.name == name && $0.standing.isGone } }
  }

  /// How long ago servers were started that still find their place, by name.
  static func young(_ replies: [DocumentReply], at now: Timestamp) -> [String: Span] {
    var found: [String: Span] = [:]
    for reply in replies {
      guard let start = reply.document["start"]?.time else { continue }
      let age = max(.zero, (reply.time ?? now) - start)
      if age < settling { found[reply.server.name] = age }
    }
    return found
  }

  /// What is told of servers of which one was started a moment ago, or was taken out in order, is a warning at most.
  func eased(_ fault: Fault, _ servers: some Sequence<String>) -> Fault {
    guard fault.severity == .critical, let why = servers.lazy.compactMap(whyEased).first else { return fault }
    return fault.eased(why)
  }

  private func whyEased(_ name: String) -> String? {
    young[name].map { _ in "\(name) was started a moment ago" } ?? leaving[name].map { "\(name): \($0)" }
  }

  /// The same of what concerns all servers of a cluster: one of them may be the reason.
  func eased(_ fault: Fault, cluster: String) -> Fault {
    let names = restarted.filter { name in
      clusters[cluster]?.contains { $0.server.name == name } == true || servers.contains { $0.cluster == cluster && $0.name == name }
    }
    return eased(fault, names)
  }
}

extension Fault {
  /// A warning, with the reason.
  func eased(_ why: String) -> Fault {
    var fault = self
    fault.severity = .warning
    fault.sentence = "\(sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence); \(why)."
    return fault
  }
}
