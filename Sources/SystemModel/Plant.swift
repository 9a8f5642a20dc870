/// A fault that can be planted in the model, to show that the simulation would find it: a simulation that finds nothing proves
/// nothing until it has been seen to find something. In release nothing can be planted, and the checks are compiled away.
package enum Plant: String, Sendable, CaseIterable {
  /// A probe is given up, and its owner is not told.
  case probeLeftOpen
  /// A question that is out already takes one more caller.
  case joinsAfterFlush
  /// A silent probe makes suspect although nothing at all was heard.
  case suspectsUnheard
  /// A server that is expected counts twice.
  case expectedTwice
  /// The heir of a server that was expected counts although it was expected itself.
  case heirTwice
  /// Where several callers' time is up at once, one is forgotten.
  case askNotEnded
  /// Ordinals are the number of servers, and come again after one left.
  case ordinalReused
  /// A goodbye on the subject of another server is believed.
  case goodbyeOfAnother
  /// A failed connect ends the first discovery.
  case discoveryEndedByFailedConnect
  /// A caller's short timeout makes suspect.
  case callersTimeoutSuspects
  /// A slow server stays slow, however fast it answers.
  case slowForEver
  /// A second reply of a server counts too.
  case countsDoubles
  /// Heard again, a server that said goodbye lives.
  case returnsFromShutdown
  /// The gateway goes to another server though no more answer there.
  case movesForNothing
  /// Questions are not told that a row was freed, and take the next server in it for the one before.
  case freedRowStaysMarked
}

extension SystemModel {
  #if DEBUG
    package static let canPlant = true

    package mutating func plant(_ fault: Plant?) { planted = fault }

    @inline(__always) func isPlanted(_ fault: Plant) -> Bool { planted == fault }
  #else
    package static let canPlant = false

    package mutating func plant(_ fault: Plant?) {}

    @inline(__always) func isPlanted(_ fault: Plant) -> Bool { false }
  #endif
}
