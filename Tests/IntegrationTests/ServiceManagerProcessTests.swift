import Foundation
import TestSupport
import Testing

/// `serve` under a service manager that asks how it is.
@Suite struct ServiceManagerProcessTests {
  @Test func serveTellsHowItIs() throws {
    let folder = try TemporaryFolder()
    let listener = try DatagramListener(path: folder.path("n"))
    let gateway = try NatsightProcess.serve(environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "200000"])
    let port = try gateway.httpPort()
    let ready = try Self.next(listener, "READY=1")
    #expect(ready.contains("STATUS=http://127.0.0.1:\(port)") && ready.contains("embedded broker"), "\(ready)")
    // Whoever is told so is answered.
    #expect(try RawHTTP.get(port: port, "/livez").status == 200)
    #expect(try Self.next(listener, "WATCHDOG=1") == "WATCHDOG=1\n")
    gateway.process.send(SIGHUP)
    _ = try Self.next(listener, "RELOADING=1")
    _ = try Self.next(listener, "READY=1")
    gateway.process.send(SIGTERM)
    _ = try Self.next(listener, "STOPPING=1")
    #expect(try gateway.process.waitForExit().status == 0)
  }

  /// A service manager that has the port itself: whoever comes while no process is there waits for the next one.
  static let keeper = """
    import os, signal, socket, sys
    own, other = socket.socket(), socket.socket()
    for one in (own, other):
      one.bind(("127.0.0.1", 0))
      one.listen(8)
    port = own.getsockname()[1]
    def start():
      pid = os.fork()
      if pid:
        return pid
      for place, fd in enumerate([os.dup(own.fileno()), os.dup(other.fileno())], 3):
        os.dup2(fd, place)
      os.environ.update(LISTEN_FDS="2", LISTEN_PID=str(os.getpid()))
      os.execv(sys.argv[1], [sys.argv[1], "serve", "--listen", f"127.0.0.1:{port}", "--broker-listen", "127.0.0.1:0"])
    def end(pid):
      os.kill(pid, signal.SIGTERM)
      # One that is told before it listens to signals is ended by this one: how is not looked at.
      os.waitpid(pid, 0)
      print("ended", flush=True)
    def ask():
      caller = socket.create_connection(("127.0.0.1", port), timeout=20)
      caller.sendall(b"GET /livez HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
      return caller
    def answer(caller):
      return caller.makefile("rb").readline().decode().strip()
    early = ask()
    first = start()
    print("early", answer(early), flush=True)
    end(first)
    between = ask()
    second = start()
    print("between", answer(between), flush=True)
    end(second)
    """

  @Test func socketsThatAreHandedOverAreServed() throws {
    let ran = try Python.run(Self.keeper, [NatsightProcess.binary])
    #expect(ran.status == 0, "\(ran.errors)")
    let lines = ran.output.split(separator: "\n").filter { line in ["early", "between", "ended"].contains { line.hasPrefix($0) } }
    #expect(lines == ["early HTTP/1.1 200 OK", "ended", "between HTTP/1.1 200 OK", "ended"], "\(ran.output)\(ran.errors)")
    // Nobody asked for the other one.
    #expect(ran.errors.contains("a socket that was handed over is served by nobody"), "\(ran.errors)")
  }

  /// The next one of a kind.
  private static func next(_ listener: DatagramListener, _ kind: String) throws -> String {
    var text = ""
    try eventually("it tells \(kind)") {
      text = try listener.next()
      return text.hasPrefix(kind)
    }
    return text
  }
}
