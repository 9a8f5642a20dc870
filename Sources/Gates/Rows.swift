/// Documents with many rows, in a real server's words. The same each time.
enum Rows {
  /// CONNZ of one server.
  static func connz(_ server: Int, count: Int) -> String {
    let rows = (0..<count).map { row in
      // Spread, so that sorting has something to do.
      let figure = (row * 7_919 + server * 104_729) % 1_000_003
      return """
        {"cid":\(row + 5),"kind":"Client","type":"nats","ip":"10.0.\(server).\(row % 250)","port":\(30_000 + row),\
        "start":"2026-11-20T21:42:22.491900129Z","last_activity":"2026-11-20T21:42:28.595722019Z","rtt":"755µs","uptime":"6s",\
        "idle":"0s","pending_bytes":0,"in_msgs":\(figure / 3),"out_msgs":\(figure / 2),"in_bytes":\(figure * 3),"out_bytes":\(figure),\
        "subscriptions":\(row % 20),"name":"client-\(row)","lang":"go","version":"1.39.0"}
        """
    }
    return """
      {"server_id":"\(Captured.id("n\(server)"))","now":"2026-11-20T21:42:28.787401158Z","num_connections":\(count),"total":\(count),\
      "offset":0,"limit":10000,"connections":[\(rows.joined(separator: ","))]}
      """
  }

  /// JSZ with streams and their configuration, each led by one of n0, n1 and n2.
  static func jsz(_ count: Int) -> String {
    let streams = (0..<count).map { number in
      let (leader, second, third) = (number % 3, (number + 1) % 3, (number + 2) % 3)
      return """
        {"name":"STREAM-\(number)","created":"2026-11-20T21:42:22.501810102Z","cluster":{"name":"c1","raft_group":"S-R3F-\(number)",\
        "leader":"n\(leader)","replicas":[{"name":"n\(second)","current":true,"active":427580257,"peer":"44jzkV9D"},\
        {"name":"n\(third)","current":false,"active":0,"lag":\(number),"peer":"BXScrY9i"}]},"config":{"name":"STREAM-\(number)",\
        "subjects":["orders.\(number).\\u003e"],"retention":"limits","max_consumers":-1,"max_msgs":-1,"max_bytes":1073741824,"max_age":0,\
        "max_msgs_per_subject":-1,"max_msg_size":-1,"discard":"old","storage":"file","num_replicas":3,"duplicate_window":120000000000,\
        "compression":"none","allow_direct":false,"mirror_direct":false,"sealed":false},"state":{"messages":\(number * 991),\
        "bytes":\((number * 7_919) % 100_003),"first_seq":1,"first_ts":"2026-11-20T21:42:22.652302148Z","last_seq":\(number * 991),\
        "last_ts":"2026-11-20T21:42:22.655330493Z","num_subjects":1,"consumer_count":1}}
        """
    }
    return """
      {"memory":0,"storage":245,"streams":\(count),"consumers":0,"messages":5,"bytes":245,"account_details":[{"name":"USERS","id":"USERS",\
      "memory":0,"storage":735,"stream_detail":[\(streams.joined(separator: ","))]}],"total":1}
      """
  }
}
