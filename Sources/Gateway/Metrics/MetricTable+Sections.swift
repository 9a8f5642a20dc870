/// Every family, by what it is about, in the order of `docs/metrics.md`.
extension MetricTable {
  static let sections: [(title: String, families: [MetricFamily])] = [
    (
      "Servers, whether they answer or not",
      [
        up, lastSeen, lameDuck, info,
      ]
    ),
    (
      "Servers, from their statistics",
      [
        start, rtt, cpu, cores, memory, memoryLimit, connections, opened, subscriptions, activeAccounts, receivedMessages, receivedBytes,
        sentMessages, sentBytes, clientReceivedMessages, clientReceivedBytes, clientSentMessages, clientSentBytes, slowConsumers,
        slowConsumersByKind, staleConnections, stalledClients, activeServers,
      ]
    ),
    (
      "Routes and gateways, by the other end's name",
      [
        routeConnections, routeReceivedMessages, routeReceivedBytes, routeSentMessages, routeSentBytes, routePending, gatewayInbound,
        gatewayReceivedMessages, gatewayReceivedBytes, gatewaySentMessages, gatewaySentBytes, gatewayUp, gatewayConfigured, gatewayRTT,
      ]
    ),
    (
      "Servers, from their configuration and health",
      [
        leafnodes, routePeers, maxConnections, maxPayload, configLoaded, configInfo, certificateExpiry, healthy,
      ]
    ),
    (
      "JetStream of a server",
      [
        jsMemory, jsStorage, jsReservedMemory, jsReservedStorage, jsMaxMemory, jsMaxStorage, jsAccounts, jsAssets, jsRequests, jsErrors,
        jsInflight, jsStreams, jsConsumers, jsMessages, jsBytes, metaLeader, metaSize, metaHasLeader, metaPending, metaPeerCurrent,
        metaPeerOffline, metaPeerLag, metaPeerActive,
      ]
    ),
    (
      "Accounts",
      [
        accountConnections, accountLeafnodes, accountSubscriptions, accountReceivedMessages, accountReceivedBytes, accountSentMessages,
        accountSentBytes, accountSlowConsumers, accountInfo, accountJSMemory, accountJSStorage, accountJSMaxMemory, accountJSMaxStorage,
      ]
    ),
    (
      "Streams, as their leader reports them",
      [
        streamMessages, streamBytes, streamFirst, streamLast, streamLastTime, streamSubjects, streamDeleted, streamConsumers,
        streamMaxMessages, streamMaxBytes, streamReplicas, streamHasLeader, streamInfo, streamPeerCurrent, streamPeerOffline,
        streamPeerLag, streamSourceLag, streamSourceActive,
      ]
    ),
    (
      "Consumers, as their leader reports them",
      [
        consumerPending, consumerAckPending, consumerRedelivered, consumerWaiting, consumerDelivered, consumerAckFloor,
        consumerStreamDelivered, consumerPaused,
      ]
    ),
    (
      "Connections",
      [
        connectionPending, connectionSubscriptions, connectionReceivedMessages, connectionReceivedBytes, connectionSentMessages,
        connectionSentBytes, connectionRTT, connectionStart,
      ]
    ),
    (
      "The gateway and its own scrape",
      [
        gatewayInfo, expected, responded, complete, elapsed, gatherFailed, seriesDropped, seriesDuplicate, seriesBudget, rowsLeftOut,
        connected, reconnects, systemRequests, systemReplies, systemReplyBytes, systemReplySeconds, events, readers, readersCut,
        recordEpochs, recordFailures, recordBytes, recordDocumentBytes, recordRequests, recordReplies, recordReplyBytes, recordReplySeconds,
        recordReused,
        recordLast, findings, finding, findingsMuted, findingsLeftOut, findingsUnknown, findingsJudged,
        notifyDelivered, notifyTries, notifyWaiting, notifyGivenUp, notifyFailing,
        processCPU, processStart, processResident, processVirtual, processFiles, processMostFiles,
      ]
    ),
  ]

  /// Every family.
  public static let all: [MetricFamily] = sections.flatMap(\.families)
}
