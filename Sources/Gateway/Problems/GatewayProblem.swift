import Wire

/// What the gateway refuses, and why it has no answer: the list behind `error.reason`, `docs/errors.md` and the description of the interface.
public enum GatewayProblem: String, Problem {
  case badParameter = "bad_parameter"
  case badSegment = "bad_segment"
  case tooManyRows = "too_many_rows"
  case refusedByServer = "refused_by_server"

  case unauthorized
  case forbidden

  case unknownPath = "unknown_path"
  case unknownEndpoint = "unknown_endpoint"
  case unknownServer = "unknown_server"
  case unknownCluster = "unknown_cluster"
  case unknownAccount = "unknown_account"
  case unknownConnection = "unknown_connection"
  case nobodyInScope = "nobody_in_scope"
  case noRaftNodes = "no_raft_nodes"
  case notRecorded = "not_recorded"

  case ambiguousServer = "ambiguous_server"
  case misdirectedRequest = "misdirected_request"

  case overBudget = "over_budget"
  case tooManyAtOnce = "too_many_at_once"
  case tooManyFailures = "too_many_failures"

  case unsupportedByServer = "unsupported_by_server"
  case unreadableReply = "unreadable_reply"
  case answerTooLarge = "answer_too_large"

  case notConnected = "not_connected"
  case connectionStalled = "connection_stalled"
  case notInSystemAccount = "not_in_system_account"
  case discovering
  case notReady = "not_ready"
  case serverGone = "server_gone"
  case lameDuck = "lame_duck"
  case busy
  case tooManyReaders = "too_many_readers"
  case recordUnreadable = "record_unreadable"

  case timeout
  case suspect
  case unreachable
  case notAsked = "not_asked"

  public var status: Int { facts.status }
  public var meaning: String { facts.meaning }
  public var advice: String { facts.advice }

  private var facts: (status: Int, meaning: String, advice: String) {
    switch self {
    case .badParameter:
      (
        400, "A parameter has a value that cannot be read, or that does not go with the others.",
        "The sentence names the parameter, the value and what is accepted; `/openapi.json` lists the parameters of every path."
      )
    case .badSegment:
      (
        400, "A segment of the path cannot be the name of a server, a cluster or an account.",
        "Names hold no whitespace and none of `.`, `*`, `>`. Ask for a server whose name holds a dot by its id, which `/servers` tells."
      )
    case .tooManyRows:
      (
        400, "More rows would have to be merged than the gateway keeps at once.",
        "Ask for a smaller page, or take `/merged` out of the path and add `format=ndjson`, which streams any number. The operator sets the limit with `--max-rows`."
      )
    case .refusedByServer:
      (
        400, "The servers themselves refused the request; the sentence is theirs.",
        "Compare the parameters with what that version of nats-server takes."
      )
    case .unauthorized:
      (401, "Credentials are needed, or these are not known.", "Send a user and password (Basic) or a token (Bearer) of the access file.")
    case .forbidden:
      (403, "The caller's role may not read this path.", "Ask the operator for a role whose paths include it (docs/access.md).")
    case .unknownPath: (404, "Nothing is served under this path.", "`/` lists every path.")
    case .unknownEndpoint:
      (404, "No endpoint or page has this name in this scope.", "The sentence lists those that are known; `/` lists every path.")
    case .unknownServer: (404, "No server of this name or id is known.", "`/servers` lists the servers, those that have gone too.")
    case .unknownCluster: (404, "No server of such a cluster is known.", "`/servers` shows each server's cluster.")
    case .unknownAccount: (404, "No server lists an account of this name or id.", "`/accounts` lists the accounts.")
    case .unknownConnection:
      (
        404, "No server in scope is behind this `cid` of a merged row.",
        "Take the `cid` from a row of the same `/merged` path; it is good for one run of the gateway unless that has a `--state-dir`."
      )
    case .nobodyInScope:
      (
        404, "No server is in scope: the filter of the query fits none that is known.",
        "Leave the filter out and look at the names; `exact=1` makes a filter fit whole names only."
      )
    case .notRecorded:
      (
        404, "What is asked of an earlier moment was not recorded: the moment itself, a document, or what a parameter asks for.",
        "`/epochs` lists the moments that are kept. The operator records with `--record`; `--record-endpoints` and `--record-rows` say how much."
      )
    case .noRaftNodes: (404, "The server takes part in no Raft group.", "Ask a server with JetStream in a cluster.")
    case .ambiguousServer:
      (
        409, "Several live servers bear this name.",
        "Ask for one by its id, or by `/cluster/<cluster>/server/<name>`; `error.servers` lists their ids and clusters."
      )
    case .misdirectedRequest:
      (
        421, "The request names a host that is not served without credentials, so that no page of another site can read through a browser.",
        "Ask by address, or allow the name with `--allow-host NAME`."
      )
    case .overBudget:
      (
        429, "The caller has asked more often than its budget allows.",
        "Wait as long as `Retry-After` says, or reuse answers with `max_age=`."
      )
    case .tooManyAtOnce:
      (
        429, "The caller's address has too many requests under way, event streams among them.",
        "Close streams that nobody reads, or raise `--max-concurrent`."
      )
    case .tooManyFailures:
      (429, "Too many wrong credentials came from this address.", "Correct the credentials, and wait as long as `Retry-After` says.")
    case .unsupportedByServer:
      (501, "No server in scope has this endpoint, or this order of rows.", "The sentence says from which version on nats-server has it.")
    case .unreadableReply:
      (502, "The server's reply could not be understood.", "Look at what the server itself answers; if that is sound, please report it.")
    case .answerTooLarge:
      (
        502, "The answer is larger than what the gateway holds at once.",
        "Ask for less: a page (`limit=`), a filter, one cluster or one server. The operator sets the limit with `--max-answer`."
      )
    case .notConnected:
      (
        503, "The gateway has no connection to the NATS system; the sentence says why.",
        "Check `--server` and the credentials. The gateway goes on trying by itself."
      )
    case .connectionStalled:
      (
        503, "The server that the gateway is connected to does not answer any more.",
        "Ask again: the gateway goes to the next server by itself. Give it more than one with `--server`."
      )
    case .notInSystemAccount:
      (
        503, "The gateway is connected, and nobody answers on the system's subjects.",
        "Connect it as a user of the account that `system_account` names; where that account imports the system's services under another name, give `--sys-req-prefix`."
      )
    case .discovering: (503, "The gateway has just started, and does not know its servers yet.", "Ask again in a second or two.")
    case .notReady: (503, "The gateway is not ready; the reason is for callers with a role.", "Ask `/readyz` with credentials.")
    case .serverGone:
      (
        503, "The server has gone: it shut down, was replaced or was retired.",
        "`/servers` says which; a restarted server has another id and the same name."
      )
    case .lameDuck:
      (
        503, "The server is in lame duck mode: it lets its clients go and answers no more.",
        "Wait for its restart, and ask the others meanwhile."
      )
    case .busy:
      (503, "As many passwords are being checked as may be at once.", "Ask again; tokens and client certificates cost less than passwords.")
    case .recordUnreadable:
      (503, "The record of earlier moments cannot be read at the moment; the sentence says why.", "Look at the gateway's log and its disk.")
    case .tooManyReaders: (503, "As many readers of `/events` are connected as may be.", "Close streams that nobody reads.")
    case .timeout:
      (
        504, "Nobody answered within the time.",
        "Give it more time with `timeout=`. `Natsight-Missing` names who did not answer, and `/servers` says since when."
      )
    case .suspect:
      (
        504, "The server is connected, as far as anybody knows, and has not answered its liveness probe.",
        "Look at that server: it may be frozen, overloaded or cut off. Any sign of life ends the suspicion."
      )
    case .unreachable:
      (
        504, "No route leads to the server, or it was declared with `--expect` and has not been seen yet.",
        "Look whether it runs, and at its links. `--retire NAME` tells the gateway to wait for it no longer."
      )
    case .notAsked:
      (
        504, "The request's time was over before the servers were known or asked. Nobody is to blame for it.",
        "Ask again, or with a longer `timeout=`."
      )
    }
  }
}
