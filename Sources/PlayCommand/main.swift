// Plays a system of six servers into a record, in virtual time: what `make bench` asks for earlier moments and figures over time, and what
// `docs/time.md` tells of. Arguments: as ``PlayCommand`` has them; or `judge` and what ``FleetCommand`` has.

import Play
import Reactor

let words = Array(CommandLine.arguments.dropFirst())
if words.first == "judge" {
  try FleetCommand(Array(words.dropFirst())).run()
} else {
  let count = try PlayCommand(words, now: WallClock.now()).run()
  print("\(count) epochs")
}
