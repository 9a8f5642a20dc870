import Wire

/// Routes and gateways. Traffic is counted for each connection: a sum over those that are open falls when one of them ends, and a counter
/// that falls is taken for one that began anew.
extension MetricCollector {
  /// `routes` and `gateways` of statsz.
  mutating func links(_ reply: MetricReply, _ statsz: JSONView) {
    var routes: [String: (connections: UInt64, pending: UInt64)] = [:]
    for route in statsz["routes"]?.elements ?? [] {
      guard let remote = route["name"]?.string, !remote.isEmpty else { continue }
      routes[remote, default: (0, 0)].connections += 1
      routes[remote, default: (0, 0)].pending &+= route["pending"]?.uint64 ?? 0
      let labels = [remote, route["rid"]?.rawText ?? ""]
      add(Table.routeReceivedMessages, reply, labels, route.metric("received", "msgs"))
      add(Table.routeReceivedBytes, reply, labels, route.metric("received", "bytes"))
      add(Table.routeSentMessages, reply, labels, route.metric("sent", "msgs"))
      add(Table.routeSentBytes, reply, labels, route.metric("sent", "bytes"))
    }
    for (remote, sum) in routes.sorted(by: { $0.key < $1.key }) {
      add(Table.routeConnections, reply, [remote], .unsigned(sum.connections))
      add(Table.routePending, reply, [remote], .unsigned(sum.pending))
    }
    for gateway in statsz["gateways"]?.elements ?? [] {
      guard let remote = gateway["name"]?.string, !remote.isEmpty else { continue }
      add(Table.gatewayInbound, reply, [remote], gateway.metric("inbound_connections") ?? 0)
    }
  }

  /// `gatewayz`: statsz adds the inbound connections up before it tells them.
  mutating func gateways(_ replies: [MetricReply]) {
    for reply in replies {
      reply.document["outbound_gateways"]?.forEachMember { remote, gateway in
        let connection = gateway["connection"]
        add(Table.gatewayUp, reply, [remote], MetricValue(connection?.kind == .object))
        add(Table.gatewayConfigured, reply, [remote], MetricValue(gateway["configured"]?.bool ?? false))
        add(Table.gatewayRTT, reply, [remote], connection?.duration("rtt").flatMap { $0 > 0 ? .double($0) : nil })
        traffic(of: connection, remote, reply, (Table.gatewaySentMessages, "out_msgs"), (Table.gatewaySentBytes, "out_bytes"))
      }
      reply.document["inbound_gateways"]?.forEachMember { remote, gateways in
        for gateway in gateways.elements {
          traffic(
            of: gateway["connection"], remote, reply, (Table.gatewayReceivedMessages, "in_msgs"), (Table.gatewayReceivedBytes, "in_bytes"))
        }
      }
    }
  }

  private mutating func traffic(
    of connection: JSONView?, _ remote: String, _ reply: MetricReply, _ figures: (MetricFamily, member: String)...
  ) {
    guard let connection, connection.kind == .object, let id = connection["cid"]?.rawText else { return }
    for (family, member) in figures {
      add(family, reply, [remote, id], connection.metric(member) ?? 0, created: connection.time("start"))
    }
  }

  /// Gateways that stand in a server's configuration and to which it has no connection.
  mutating func configuredGateways(varz: [MetricReply], gatewayz: [MetricReply]) {
    var connected: [String: Set<String>] = [:]
    for reply in gatewayz {
      var names: Set<String> = []
      reply.document["outbound_gateways"]?.forEachMember { remote, _ in names.insert(remote) }
      connected[reply.id] = names
    }
    for reply in varz {
      guard let known = connected[reply.id], let gateway = reply.document["gateway"] else { continue }
      let own = gateway["name"]?.string ?? ""
      for remote in gateway["gateways"]?.elements ?? [] {
        guard let name = remote["name"]?.string, name != own, !known.contains(name) else { continue }
        add(Table.gatewayUp, reply, [name], 0)
        add(Table.gatewayConfigured, reply, [name], 1)
      }
    }
  }
}
