import Glibc
import ServerProcess
import TestSupport
import Testing

/// What a service manager is told, over a socket that this test listens on in its place.
@Suite struct ServiceManagerTests {
  @Test(arguments: [
    (ServiceManager.News.ready("serves\nhttp://a"), "READY=1\nSTATUS=serveshttp://a\n"), (.stopping, "STOPPING=1\n"),
    (.alive, "WATCHDOG=1\n"),
  ])
  func newsArrive(news: ServiceManager.News, text: String) throws {
    let folder = try TemporaryFolder()
    let listener = try DatagramListener(path: folder.path("n"))
    let manager = try #require(ServiceManager { ["NOTIFY_SOCKET": listener.path][$0] })
    manager.tell(news)
    #expect(try listener.next() == text)
    manager.tell(.reloading)
    #expect(try listener.next().wholeMatch(of: /RELOADING=1\nMONOTONIC_USEC=\d+\n/) != nil)
  }

  /// Nobody there, nobody asking, an address that is none: nothing happens.
  @Test func whoDoesNotListenIsNotWaitedFor() throws {
    let folder = try TemporaryFolder()
    try #require(ServiceManager { ["NOTIFY_SOCKET": folder.path("nobody")][$0] }).tell(.stopping)
    for path in [nil, "", "relative", "@", "/" + String(repeating: "x", count: 200)] {
      #expect(ServiceManager { $0 == "NOTIFY_SOCKET" ? path : nil } == nil, "\(path ?? "nothing")")
    }
  }

  @Test(
    arguments: [
      (["WATCHDOG_USEC": "3000000"], 1.5), (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"], nil),
      (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "\(getpid())"], 1.5), (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "soon"], nil),
      ([:], nil),
    ] as [([String: String], Double?)])
  func theWatchdogIsToldTwiceInItsTime(environment: [String: String], heartbeat: Double?) throws {
    let all = environment.merging(["NOTIFY_SOCKET": "/n"]) { $1 }
    #expect(try #require(ServiceManager { all[$0] }).heartbeat == heartbeat)
  }
}
