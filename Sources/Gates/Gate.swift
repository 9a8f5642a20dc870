/// One hot path with the input that it is measured with.
struct Gate: Sendable {
  let name: String
  /// What one operation is.
  let operation: String
  /// Operations in one run of the measured part.
  let operations: Int
  /// Prepares everything, calls `measure`, and returns how many bytes came out: proof that the path was gone.
  let run: @Sendable () throws -> Int

  static let all: [Gate] = [.route, .coalesced, .splice, .merge, .streams]
}

/// Why a gate could not be measured.
struct GateError: Error, CustomStringConvertible {
  let description: String
}
