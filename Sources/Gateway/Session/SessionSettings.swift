import NATSClient
import SystemAPI
import SystemModel

/// What the operator decides about the connection to the system. Times are in seconds.
struct SessionSettings: Sendable {
  var client = ClientOptions()
  /// `$SYS.REQ` unless an account imports the services under another name.
  var systemRequestPrefix = SystemSubject.standardPrefix
  /// How long the gateway's own questions may take.
  var timeout = 2.0
  /// Folder that keeps the roster over restarts.
  var stateDirectory: String?
  /// Who has to be there, and who is not coming back.
  var declared = Declared()
  /// What the model judges by.
  var limits = Limits()
}
