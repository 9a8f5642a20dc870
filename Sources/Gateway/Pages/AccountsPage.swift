import HTTPServer
import SystemModel
import Wire

/// `/accounts`
struct AccountsPage: Page {
  let description = PageDescription.accounts
  let answerer: Answerer

  func answer(_ page: PageRequest, _ exit: Exit) {
    answerer.readAccounts(until: page.request.deadline ?? answerer.standardDeadline) { outcome in
      let headers = outcome.completeness.headers()
      if let refusal = answerer.unanswered(outcome) {
        var reply = refusal.response
        reply.headers += headers
        return exit.send(reply)
      }
      var json = JSONWriter(indent: 2)
      json.object { json in
        json.member("now", outcome.now.rfc3339)
        outcome.completeness.write(to: &json, needs: "")
        json.arrayMember("accounts") { json in
          for account in shown(page.path.scope) { json.object { AccountsPage.write(account, to: &$0) } }
        }
      }
      exit.send(.json(json.bytes + [0x0A], headers: headers))
    }
  }

  private func shown(_ scope: PathScope) -> [AccountDirectory.Account] {
    guard case .account(let name) = scope else { return answerer.directory.accounts.values.sorted { $0.id < $1.id } }
    return answerer.directory.id(of: name).flatMap { answerer.directory.accounts[$0] }.map { [$0] } ?? []
  }

  private static func write(_ account: AccountDirectory.Account, to json: inout JSONWriter) {
    json.member("id", account.id)
    json.member("name", account.name)
    json.member("connections", account.connections)
    json.member("leafnodes", account.leafnodes)
    json.member("subscriptions", account.subscriptions)
    // Archives of other tools do not tell of it: what is not known is left out.
    guard account.hasTraffic else { return }
    json.member("sent_msgs", account.sent.messages)
    json.member("sent_bytes", account.sent.bytes)
    json.member("received_msgs", account.received.messages)
    json.member("received_bytes", account.received.bytes)
    json.member("slow_consumers", account.slowConsumers)
    if let rates = account.rates {
      json.objectMember("rates") { json in
        json.member("sent_msgs", rates.sentMessages)
        json.member("sent_bytes", rates.sentBytes)
        json.member("received_msgs", rates.receivedMessages)
        json.member("received_bytes", rates.receivedBytes)
      }
    }
  }
}
