extension RealServer {
  /// The configuration of a server with JetStream: the ordinary account RECORD has it (record/r), PLAIN has not (plain/p), the system account
  /// is SYS (sys/s).
  ///
  /// - Parameters:
  ///   - store: The folder of its streams; `$DIR` is gone with the server.
  ///   - more: Further settings, and further users of RECORD.
  public static func jetStreamConfiguration(store: String = "$DIR/js", users: String = "", _ more: String = "") -> String {
    """
    jetstream { store_dir: "\(store)", max_mem: 64M, max_file: 4G }
    accounts {
      RECORD { jetstream: enabled, users: [{user: record, password: r}\(users.isEmpty ? "" : ", " + users)] }
      PLAIN { users: [{user: plain, password: p}] }
      SYS { users: [{user: sys, password: s}] }
    }
    system_account: SYS
    \(more)

    """
  }
}
