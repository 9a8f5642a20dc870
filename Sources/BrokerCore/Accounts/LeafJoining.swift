import Identity

/// A connection by which this server joins another one: from dialling to having joined.
final class LeafJoining {
  enum Stage { case awaitsInfo, secures, awaitsConfirmation, joined }

  let place: LeafRemoteConfiguration.Place
  /// The account here.
  let account: Account
  let credentials: Credentials?
  let pursuit: any LeafPursuit
  var stage = Stage.awaitsInfo
  /// What the other side wants to have signed; nil before its INFO.
  var nonce: String?
  /// Another INFO says that it has taken this one.
  var isConfirmed = false
  /// Why it is about to end the connection, as it said.
  var refusal: LeafRefusal?
  /// What the other side allows this one, less what is denied here; nil: everything.
  var rules: PermissionsConfiguration?
  private var hasEnded = false

  init(_ place: LeafRemoteConfiguration.Place, _ account: Account, _ credentials: Credentials?, _ pursuit: any LeafPursuit) {
    self.place = place
    self.account = account
    self.credentials = credentials
    self.pursuit = pursuit
  }

  func end(_ client: ClientConnection) {
    if hasEnded { return }
    hasEnded = true
    pursuit.ended(client)
  }
}

/// Who keeps this server joined to another one.
protocol LeafPursuit: AnyObject {
  var configuration: LeafRemoteConfiguration { get }
  var secrets: LeafRemoteSecrets { get }
  /// The name that a certificate has to bear.
  func serverName(of place: LeafRemoteConfiguration.Place) -> String
  /// Addresses of the other side's cluster, as it tells them: `host:port`.
  func learn(_ urls: [String], from place: LeafRemoteConfiguration.Place)
  /// The other side has taken this one.
  func joined()
  func ended(_ client: ClientConnection)
}
