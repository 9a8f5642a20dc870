import Foundation
import Synchronization

extension ScriptedServers {
  /// - Parameter tokens: so many tokens of the subject are the prefix.
  func answer(_ message: RawMessage, after tokens: Int) {
    guard let inbox = message.reply else { return }
    let words = message.subject.split(separator: ".").map(String.init).dropFirst(tokens)
    guard let kind = words.first, let target = words.dropFirst().first else { return }
    let isAccount = kind == "ACCOUNT"
    let endpoint = (isAccount ? "ACCOUNT." : "") + (words.dropFirst(2).first ?? "STATSZ")
    let question = ScriptedQuestion(subject: message.subject, endpoint: endpoint, payload: message.text, headers: message.headers)
    let asked = fleet.withLock { fleet in
      fleet.questions.append(question)
      if endpoint != "STATSZ" { fleet.inbox = inbox }
      return fleet.servers.filter { isAccount || target == "PING" || $0.id == target }
    }
    let filter = RequestFilter(message.payload)
    var burst: [UInt8] = []
    for server in asked where filter.matches(server) {
      var request = ScriptedRequest(server: server, endpoint: endpoint, payload: message.payload, account: isAccount ? target : nil)
      request.isDiscovery = words.count == 2
      reply(to: inbox, request, &burst)
    }
    send(burst)
    fleet.withLock { $0.answered[endpoint, default: 0] += 1 }
  }

  private func reply(to inbox: String, _ request: ScriptedRequest, _ burst: inout [UInt8]) {
    let behaviour = request.server.behaviour(for: request.endpoint)
    let frame: [UInt8]
    if case .raw(let payload, let headers) = behaviour {
      frame = ScriptedServers.frame(inbox, payload, headers: headers)
    } else {
      guard behaviour != .silent, let body = body(of: request, behaviour) else { return }
      frame = ScriptedServers.frame(inbox, Array(body.utf8))
    }
    switch behaviour {
    case .silent: break
    case .twice: burst += frame + frame
    case .held: fleet.withLock { $0.held.append(frame) }
    case .slow(let seconds): later.asyncAfter(deadline: .now() + seconds) { [weak self] in self?.send(frame) }
    case .answers, .refuses, .garbage, .data, .raw: burst += frame
    }
  }

  /// A message as a client publishes it.
  private static func frame(_ subject: String, _ payload: [UInt8], headers: String? = nil) -> [UInt8] {
    guard let headers else { return Array("PUB \(subject) \(payload.count)\r\n".utf8) + payload + [13, 10] }
    let block = "NATS/1.0\r\n\(headers)\r\n\r\n"
    return Array("HPUB \(subject) \(block.utf8.count) \(block.utf8.count + payload.count)\r\n\(block)".utf8) + payload + [13, 10]
  }

  private func body(of request: ScriptedRequest, _ behaviour: ScriptedServer.Behaviour) -> String? {
    let server = request.server
    switch behaviour {
    case .garbage: return "{\"server\":"
    case .refuses(let code, let description):
      let object = server.object(sequence: nextSequence())
      return #"{"server":\#(object),"data":null,"error":{"code":\#(code),"description":"\#(description)"}}"#
    case .data(let data): return #"{"server":\#(server.object(sequence: nextSequence())),"data":\#(data)}"#
    case .answers, .silent, .slow, .held, .twice, .raw: break
    }
    if request.endpoint == "STATSZ" { return statsz(server, isBeat: request.isDiscovery) }
    if request.endpoint == "IDZ" { return #"{"name":"\#(server.name)","host":"0.0.0.0","id":"\#(server.id)"}"# }
    return documents(request).map { #"{"server":\#(server.object(sequence: nextSequence())),"data":\#($0)}"# }
  }

  private static func time(aheadBy seconds: Double) -> String {
    ISO8601DateFormatter().string(from: Date().addingTimeInterval(seconds))
  }

  /// The heartbeat of a server. Documents may give the `statsz` of their own for the endpoint `STATSZ`.
  ///
  /// - Parameter isBeat: Sent of its own accord or as an answer to PING; then it tells the time.
  func statsz(_ server: ScriptedServer, isBeat: Bool = false) -> String {
    let sequence = nextSequence()
    let object =
      isBeat
      ? server.object(sequence: sequence, activeTime: ScriptedServers.time(aheadBy: server.clockAhead)) : server.object(sequence: sequence)
    let active = server.activeServers ?? servers.count + realServers
    let own = documents(ScriptedRequest(server: server, endpoint: "STATSZ", payload: [], account: nil))
    if let own, own.hasPrefix("{\"start\":") {
      return #"{"server":\#(object),"statsz":\#(own.dropLast()),"active_servers":\#(active)}}"#
    }
    return #"{"server":\#(object),"statsz":{"start":"2026-11-20T21:35:42.441439792Z","mem":18759680,"#
      + #""cores":2,"cpu":4,"connections":2,"total_connections":5,"active_accounts":2,"subscriptions":68,"sent":{"msgs":6,"bytes":30},"#
      + #""sent_to_clients":{"msgs":6,"bytes":30},"received":{"msgs":4,"bytes":15},"received_from_clients":{"msgs":4,"bytes":15},"#
      + #""slow_consumers":0,"active_servers":\#(active),"gomaxprocs":2}}"#
  }
}

/// The server filters of the NATS system services, as far as a played server honours them.
private struct RequestFilter {
  private let options: [String: Any]

  init(_ payload: [UInt8]) {
    options = (try? JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any]) ?? [:]
  }

  func matches(_ server: ScriptedServer) -> Bool {
    let exact = options["exact_match"] as? Bool ?? false
    func fits(_ key: String, _ value: String) -> Bool {
      guard let wanted = options[key] as? String, !wanted.isEmpty else { return true }
      return exact ? value == wanted : value.contains(wanted)
    }
    let tags = options["tags"] as? [String] ?? []
    return fits("server_name", server.name) && fits("cluster", server.cluster) && fits("domain", server.domain)
      && tags.allSatisfy { server.tags.contains($0.lowercased()) }
  }
}
