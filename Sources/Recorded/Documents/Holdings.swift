/// With which options documents were asked for, where these are not those that make them full: archives of other tools hold less of
/// some things, and more of others.
public struct Holdings: Sendable, Equatable {
  /// Options of full documents that these were asked without.
  public var without: [FullDocument.Name: Set<String>]
  /// Options beyond those of full documents.
  public var with: [FullDocument.Name: Set<String>]

  public init(without: [FullDocument.Name: Set<String>] = [:], with: [FullDocument.Name: Set<String>] = [:]) {
    self.without = without
    self.with = with
  }

  /// What a recorder asks for.
  public static let full = Holdings()

  /// What `nats audit gather --no-details` asks for: no options at all.
  public static let gatheredBare = Holdings(
    without: [
      .connz: ["auth", "subscriptions"], .routez: ["subscriptions"], .gatewayz: ["accounts"], .leafz: ["subscriptions"],
      .jsz: ["accounts", "direct_consumer"], .healthz: ["details"],
    ])

  /// What `nats audit gather` asks for: subscriptions with their details, and connections without their users and accounts.
  public static let gathered = Holdings(
    without: [.connz: ["auth"], .jsz: ["direct_consumer"]],
    with: [.connz: ["subscriptions_detail"], .routez: ["subscriptions_detail"], .gatewayz: ["subscriptions"], .subsz: ["subscriptions"]])
}
