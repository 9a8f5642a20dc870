import HTTPServer

/// What becomes of a request.
struct Admission: Sendable {
  enum Verdict: Sendable {
    case admitted(AdmittedRequest)
    case refused(Refusal)
    /// What CORS asks beforehand.
    case preflight(HTTPResponse)
    /// Its credentials have to be checked first, which takes work: `AccessControl.settle`.
    case guessed(GuessedRequest)
  }

  let verdict: Verdict
  /// The fields that allow a page of another origin to read the answer.
  let crossOrigin: [HTTPHeader]
}

/// A request that waits for the check of its credentials.
struct GuessedRequest: Sendable {
  let guess: Authenticator.Guess
  let authenticator: Authenticator
  let rules: AccessRules
  let path: String
  let segments: [String]
}
