import Glibc

// usage: natsight-gates list | natsight-gates NAME
// `list` prints name, operations and what an operation is, a line each; NAME runs one, to be counted from outside.

let words = CommandLine.arguments.dropFirst()
if words.first == "list" {
  for gate in Gate.all { print("\(gate.name)\t\(gate.operations)\t\(gate.operation)") }
} else if let gate = Gate.all.first(where: { $0.name == words.first }) {
  do {
    let bytes = try gate.run()
    guard bytes > 0 else { throw GateError(description: "nothing came out") }
    print("\(gate.name): \(bytes) bytes")
  } catch {
    print("\(gate.name): \(error)")
    exit(1)
  }
} else {
  print("usage: natsight-gates list | NAME, one of \(Gate.all.map(\.name).joined(separator: ", "))")
  exit(2)
}
