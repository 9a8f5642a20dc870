import CPosix
import Glibc

/// A system call on a socket that failed.
public struct SocketError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was tried, as words of a sentence: `listen on 127.0.0.1:4222`.
  public let operation: String
  /// The `errno` of the failed call; 0 where the failure is not a system call's.
  public let errno: Int32
  /// The system's own words for the failure.
  public let message: String

  /// - Parameters:
  ///   - operation: What was tried, as words of a sentence.
  ///   - errno: The error number; its text becomes the message.
  public init(_ operation: String, errno: Int32) {
    self.operation = operation
    self.errno = errno
    self.message = SocketError.text(of: errno)
  }

  /// A failure that no error number describes, such as a name that does not resolve.
  public init(_ operation: String, message: String) {
    self.operation = operation
    self.errno = 0
    self.message = message
  }

  public var description: String { "could not \(operation): \(message)" }

  /// True where the address is in use by somebody else.
  public var isAddressInUse: Bool { errno == EADDRINUSE }

  /// The text of an error number, in lower case as it stands inside a sentence.
  public static func text(of errno: Int32) -> String {
    String(cString: cposix_error_text(errno)).lowercased()
  }
}
