import Recorded
import TestSupport
import Testing
import Wire

@testable import Gateway

/// What has just been answered to somebody is recorded without asking again.
@Suite struct YoungReplyTests {
  private static func figures(_ stage: Stage) throws -> [String: Any] {
    let recording = try stage.gateway.json("/servers")["recording"] as? [String: Any]
    return recording?["asked"] as? [String: Any] ?? [:]
  }

  @Test(.timeLimit(.minutes(3))) func aYoungAnswerIsTakenUp() throws {
    let stage = try Stage(
      Stage.servers(3), cold: true,
      configure: {
        $0.record.folder = "in memory"
        $0.record.every = 12
        $0.record.documents = [.varz, .subsz]
      })
    func asked(_ endpoint: String) -> Int { Stage.servers(3).reduce(0) { $0 + stage.questions(endpoint, to: $1.name).count } }
    // Somebody looks all the time, as a page in a browser does.
    try eventually("varz of all servers is taken up", timeout: 60) {
      _ = try stage.gateway.get("/varz")
      return try Self.figures(stage)["reused"] as? Int ?? 0 >= 3
    }
    try eventually("the epoch is kept") { try stage.gateway.json("/epochs")["kept"] as? Int ?? 0 >= 1 }
    // Each server was asked in person, or has told it to somebody else; nobody has asked for subsz.
    let figures = try Self.figures(stage)
    let reused = figures["reused"] as? Int ?? 0
    #expect((asked("VARZ") + reused) % 3 == 0 && asked("VARZ") < asked("SUBSZ"), "\(asked("VARZ")) \(reused) \(asked("SUBSZ"))")
    #expect(figures["requests"] as? Int == asked("VARZ") + asked("SUBSZ"))
    #expect(try stage.gateway.get("/varz?at=-0s").responded == "3/3")
    #expect(try stage.gateway.get("/metrics").text.contains("natsight_record_reused_total"))
  }

  @Test func howYoungItHasToBe() {
    for (every, age) in [(1, 0), (10, 1), (60, 10), (3600, 10)] {
      var settings = RecordSettings()
      settings.every = every
      #expect(settings.youngAge == .zero)
      settings.folder = "somewhere"
      #expect(settings.youngAge == .seconds(Double(age)), "\(every)")
    }
  }
}
