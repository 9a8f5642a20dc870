import Flags
import NSC

/// What `nsc` takes from around it, and where its words go: the process, unless somebody says otherwise for what is called within.
struct NscSurroundings: Sendable {
  var environment: NSCEnvironment
  /// Take whole texts with their line ends: what was asked for, and all else.
  var say: @Sendable (String) -> Void
  var complain: @Sendable (String) -> Void

  @TaskLocal static var other: NscSurroundings?

  static var current: NscSurroundings {
    other ?? NscSurroundings(environment: .process(), say: { CommandExit.say($0) }, complain: { CommandExit.complain($0) })
  }
}
