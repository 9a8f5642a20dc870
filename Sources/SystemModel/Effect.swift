import Wire

/// Why there is no outcome.
public enum Obstacle: Sendable, Hashable {
  /// No server, cluster or connection is known by this name.
  case unknownServer(String), unknownCluster(String), unknownConnection(Ordinal)
  /// More than one live server bears the name.
  case ambiguous([ServerRef])
  case gone(ServerRef, Departure)
  /// Nobody is in scope but servers that announced that they go.
  case lameDuck([ServerRef])
  /// Declared by the operator and not there.
  case awaited(ServerRef)
  /// The server's version lacks the endpoint.
  case unsupported(ServerRef)
  /// The question left, and nobody listens for it.
  case noResponders
  /// The server answers its probe and is silent on the question: it does not lead its JetStream domain.
  case notLeader(ServerRef)
  /// No known server fits the scope and its filters.
  case nobodyInScope
  case notConnected(ConnectionLoss?)
  case notInSystemAccount
  /// The question was never sent.
  case notAsked(NotAsked)
}

/// Why a question was never sent within its caller's time.
public enum NotAsked: Sendable, Hashable {
  /// The servers were not known yet.
  case discovering
  /// The connection was lost, and the next server was not reached yet.
  case failingOver
  /// As many questions as there may be were on their way.
  case busy
}

/// How an ask ends.
public enum Ending: Sendable, Equatable {
  /// The replies kept for the question are the answer.
  case outcome(QuestionID, Completeness)
  case obstacle(Obstacle, Completeness)
}

/// What the owner of the model has to do, in this order.
public enum Effect: Sendable, Equatable {
  case sendQuestion(QuestionID, Question, to: Target)
  case sendProbe(ProbeID, ServerRef, ServerID)
  case sendDiscovery(DiscoveryID)
  /// Ask the servers' routes and gateway connections for ids that never spoke, and give back `Input.sightings`.
  case sendSightings
  /// No reply to it counts any more: its request can be given up and its payloads dropped.
  case close(QuestionID)
  case closeProbe(ProbeID)
  /// The reply just applied counts: hold its bytes. Without this effect they are dropped.
  case keep(QuestionID, ServerRef)
  /// These callers hear each reply as it comes.
  case deliver([AskID], QuestionID, ServerRef)
  case finish([AskID], Ending)
  /// PING the gateway's own connection, and give back `Input.connectionChecked`.
  case checkConnection(CheckID)
  case failOver(ConnectionLoss)
  /// PING every server over a second connection, to another of the servers that may be connected to, and give back `Input.scouted`.
  case scout(ScoutID)
  /// Leave the connected server for the one that was scouted.
  case move(ScoutID)
  /// nil: seen for the first time.
  case standingChanged(ServerRef, from: Standing?)
  /// `connection`, `access`, `discovery` or `hasRoster` changed.
  case connectionChanged
  /// What is to be kept over a restart has changed.
  case save
}
