@testable import Judgement

/// What is reserved, and where leaders are.
extension Example {
  private static func led(_ leaders: [String]) -> Scene {
    let consumers = leaders.enumerated().map { number, leader in
      consumer(["name": "C\(number)", "cluster": group(leader: leader)])
    }
    return Scene(.consumers, jsz("a1", [over(stream(["state": ["consumer_count": leaders.count]]), ["consumer_detail": consumers])]))
  }

  private static func account(_ limits: JSON, _ stream: JSON = [:]) -> Scene {
    var scene = Scene(.accounts, said("a1", ["account_detail": ["account_name": "APP", "jetstream_limits": ["": limits]]]))
    scene.now[.streams] = [jsz("a1", [over(JudgementTests.stream(), stream)])]
    return scene
  }

  static let placement: [Example] = [
    Example(
      "consumer_leaders_together", .info, "a1 leads stream APP > ORDERS and 4 of its 5 consumers", led(["a1", "a1", "a2", "a1", "a1"]),
      not: led(["a1", "a1", "a2", "a1"])),
    Example(
      "stream_long_duplicate_window", .info, "remembers the ids of its messages for 2h",
      Scene(.streams, jsz("a1", [stream(["config": ["duplicate_window": 7_200_000_000_000]])])),
      not: Scene(.streams, jsz("a1", [stream(["config": ["duplicate_window": 3_600_000_000_000]])]))),
    Example(
      "jetstream_reservation_full", .warning, "uses 960 of the 1,000 bytes",
      Scene(.streams, jsz("a1", [], ["storage": 960, "reserved_storage": 1000])),
      // Streams that reserve nothing use more than is reserved.
      not: Scene(.streams, jsz("a1", [], ["storage": 9600, "reserved_storage": 1000]))),
    Example(
      "account_reservation_near_limit", .warning, "may grow to 3,000,000 bytes; it may keep 3,500,000",
      Scene(.streams, jsz("a1", account: ["reserved_storage": 3_500_000])),
      not: Scene(.streams, jsz("a1", account: ["reserved_storage": 4_000_000]))),
    Example(
      "account_assets_near_limit", .critical, "Account APP has 100 % of the streams it may",
      account(["max_streams": 1, "max_consumers": -1]),
      not: account(["max_streams": 2, "max_consumers": -1])),
  ]
}
