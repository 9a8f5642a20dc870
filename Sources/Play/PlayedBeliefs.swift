import Wire

/// What a gateway believes of the played system.
struct PlayedBeliefs {
  /// Seconds since 1970.
  let at: Int
  let began: Int
  /// Servers that do not answer.
  let gone: [String]

  func text(_ moments: [PlayedMoment]) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("at", time(at))
      json.member("connected", true)
      json.member("access", "system")
      json.member("roster", true)
      json.member("discovering", false)
      json.member("server", "a1")
      json.member("window", 900)
      json.member("links", true)
      json.key("servers")
      json.array { json in
        for moment in moments { json.object { write(moment, to: &$0) } }
      }
    }
    return json.bytes
  }

  private func write(_ moment: PlayedMoment, to json: inout JSONWriter) {
    let isGone = gone.contains(moment.name)
    // Heartbeats come every ten seconds.
    let heard = isGone ? at - (moment.minute - PlayedNight.restart.down) * 60 - 60 : at - 4
    json.member("id", moment.id)
    json.member("name", moment.name)
    json.member("host", "10.1.0.\(moment.place + 1)")
    json.member("cluster", moment.cluster)
    json.member("version", moment.version)
    json.member("jetstream", true)
    json.member("standing", isGone ? "suspect:silent" : "live")
    json.member("since", time(isGone ? heard : moment.started))
    json.member("heard", time(heard))
    json.member("appeared", time(moment.started))
    // Each process has one of its own.
    json.member("ordinal", moment.isNew ? 7 : moment.place + 1)
    json.member("counts", 6)
    json.member("meta_leader", "a1")
  }

  private func time(_ seconds: Int) -> String { Timestamp(seconds: Int64(seconds)).rfc3339 }
}
