import SystemAPI
import SystemModel
import Wire

/// Servers that were started a moment ago: their links, replicas and leaders come one after the other, and what is missing meanwhile is no alarm.
extension JudgedSystem {
  /// A server that was started has so long to find its place.
  static let settling = Span.seconds(90)

  /// Servers that were started a moment ago, or taken out in order.
  var restarted: [String] { (young.names + leaving.names).sorted() }

  /// The same without those that were never there before: a system that has just begun restarts nobody.
  var cameBack: [String] {
    restarted.filter { name in leaving.value(name, "") != nil || servers.contains { $0.name == name && $0.standing.isGone } }
  }

  /// How long ago servers were started that still find their place.
  static func young(_ replies: [DocumentReply], at now: Timestamp) -> ByServer<Span> {
    var found = ByServer<Span>()
    for reply in replies {
      guard let start = reply.document["start"]?.time else { continue }
      let age = max(.zero, (reply.time ?? now) - start)
      if age < settling { found.set(age, reply.server.name, reply.server.cluster) }
    }
    return found
  }

  /// What is told of servers of which one was started a moment ago, or was taken out in order, is a warning at most.
  ///
  /// - Parameter cluster: Of the servers; empty where they may be in any.
  func eased(_ fault: Fault, _ servers: some Sequence<String>, in cluster: String = "") -> Fault {
    guard fault.severity == .critical, let why = servers.lazy.compactMap({ whyEased($0, cluster) }).first else { return fault }
    return fault.eased(why)
  }

  private func whyEased(_ name: String, _ cluster: String) -> String? {
    young.value(name, cluster).map { _ in "\(name) was started a moment ago" } ?? leaving.value(name, cluster).map { "\(name): \($0)" }
  }

  /// The same of what concerns all servers of a cluster: one of them may be the reason.
  func eased(_ fault: Fault, cluster: String) -> Fault {
    let names = restarted.filter { name in
      clusters[cluster]?.contains { $0.server.name == name } == true || servers.contains { $0.cluster == cluster && $0.name == name }
    }
    return eased(fault, names, in: cluster)
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
