// Plays a system of six servers into a record, in virtual time: what `make bench` asks for earlier moments and figures over time, and what
// `docs/time.md` tells of. Arguments: as ``PlayCommand`` has them.

import Play
import Reactor

let count = try PlayCommand(Array(CommandLine.arguments.dropFirst()), now: WallClock.now()).run()
print("\(count) epochs")
