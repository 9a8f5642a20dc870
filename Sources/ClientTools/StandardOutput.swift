import Glibc

/// Standard output, unbuffered: a line is seen when it is written, also by what reads through a pipe.
public enum StandardOutput {
  /// Writes it all. When nobody reads any more (`natsight sub … | head`) the process ends quietly, as a filter does.
  public static func write(_ text: String) { write(Array(text.utf8)) }

  public static func write(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { all in
      var rest = all
      while !rest.isEmpty {
        let count = Glibc.write(STDOUT_FILENO, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { exit(errno == EPIPE ? 0 : 1) }
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      }
    }
  }
}

/// Standard error, for what is not the answer.
public enum StandardError {
  public static func write(_ text: String) { _ = text.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) } }
}
