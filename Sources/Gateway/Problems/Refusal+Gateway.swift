import HTTPServer
import SystemAPI
import Wire

extension Refusal {
  /// A refusal of the gateway.
  init(_ problem: GatewayProblem, _ description: String, headers: [HTTPHeader] = []) {
    let known: any Problem = problem
    self.init(known, description, headers: headers)
  }

  /// A method that changes something.
  static var methodNotAllowed: Refusal {
    Refusal(HTTPProblem.methodNotAllowed, "only GET and HEAD are answered here", headers: [HTTPHeader("Allow", "GET, HEAD, OPTIONS")])
  }

  /// A parameter whose value cannot be read.
  static func badParameter(_ name: String, _ value: String, accepted: String) -> Refusal {
    Refusal(.badParameter, EndpointParameter.Refusal(parameter: name, value: value, accepted: accepted).sentence)
  }

  /// Nobody answers on the system's subjects: says so, and what to do.
  static func notInSystemAccount(_ subject: String) -> Refusal {
    Refusal(
      .notInSystemAccount,
      "the gateway's user is not in the system account: nobody answers \(subject). Connect it as a user of the account that "
        + "system_account names; where its own account imports the system services under another name, give --sys-req-prefix")
  }
}
