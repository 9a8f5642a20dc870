import Glibc

/// Bytes that a ZIP file is read from, in any order.
public protocol ZipSource: Sendable {
  /// How many there are.
  var size: UInt64 { get }
  /// Exactly `count` bytes from `offset` on.
  ///
  /// - Throws: where they are not there.
  func read(at offset: UInt64, count: Int) throws(ZipError) -> [UInt8]
}

/// A file, by descriptor. Several threads may read at once.
public final class ZipFile: ZipSource {
  private let descriptor: Int32
  public let size: UInt64

  /// Opens a file. It is closed with this object.
  ///
  /// - Throws: where it is none that can be read, or none with bytes of its own, such as a folder or a pipe.
  public init(path: String) throws(ZipError) {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(String(cString: strerror(errno))) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      Glibc.close(descriptor)
      throw .unreadable("expected a file")
    }
    self.descriptor = descriptor
    size = UInt64(max(0, status.st_size))
  }

  deinit { Glibc.close(descriptor) }

  public func read(at offset: UInt64, count: Int) throws(ZipError) -> [UInt8] {
    guard count > 0 else { return [] }
    // The file may have grown shorter since it was opened, so what is missing is found out by reading.
    guard offset <= size, UInt64(count) <= size - offset else { throw .unreadable("it ends before byte \(offset) and \(count) more") }
    var failure: ZipError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, off_t(offset) + off_t(filled))
        if got > 0 {
          filled += got
        } else if got == 0 || errno != EINTR {
          failure = .unreadable(got == 0 ? "it grew shorter while it was read" : String(cString: strerror(errno)))
          return
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }
}

/// Bytes in memory.
public struct ZipBytes: ZipSource {
  private let bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  public var size: UInt64 { UInt64(bytes.count) }

  public func read(at offset: UInt64, count: Int) throws(ZipError) -> [UInt8] {
    guard count >= 0, offset <= size, UInt64(count) <= size - offset else {
      throw .unreadable("it ends before byte \(offset) and \(count) more")
    }
    return Array(bytes[Int(offset)..<Int(offset) + count])
  }
}
