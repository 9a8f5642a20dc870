import Archive
import Recorded

extension FullDocument.Name {
  /// What a document is in an archive.
  var artifact: ArtifactType {
    switch self {
    case .varz: .variables
    case .connz: .connections
    case .routez: .routes
    case .gatewayz: .gateways
    case .leafz: .leafs
    case .subsz: .subs
    case .jsz: .jetStreamInfo
    case .accountz: .accounts
    case .account: .accountDetails
    case .leafconnz: .accountLeafConnections
    case .accstatz: .accountStatistics
    case .healthz: .health
    case .raftz: .raft
    case .ipqueuesz: .ipQueues
    case .statsz: .heartbeats
    case .expvarz: .expVariables
    }
  }
}
