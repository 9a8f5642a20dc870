import BrokerSystem
import SystemAPI
import Wire

extension FuzzTarget {
  /// The options of a request to the broker's system services: nothing, null or an object is taken, all else refused with code 400.
  public static let requestPayload = FuzzTarget(name: "request-payload") { input in
    let shape = RequestShape(
      "ConnzEventOptions",
      ["sort": .string, "offset": .int, "cid": .uint64, "auth": .bool, "state": .state, "names": .strings, "wait": .duration])
    let isJSON = input.isEmpty || (try? JSONScanner.validate(input)) != nil
    switch Result(catching: { try input.withUnsafeBytes { try RequestPayload($0, shape) } }) {
    case .success(let request):
      if !isJSON { return "what is no JSON is accepted" }
      let kind = input.isEmpty ? .null : (try? JSONView(validating: input))?.kind
      if kind != .null, kind != .object { return "what is no object is accepted" }
      _ = (request.string("sort"), request.int("offset"), request.uint64("cid"), request.bool("auth"), request.strings("names"))
      return nil
    case .failure(let error):
      guard let refusal = error as? EndpointError else { return "another error: \(error)" }
      return refusal.code == 400 && !refusal.text.isEmpty ? nil : "refused with \(refusal)"
    }
  }
}
