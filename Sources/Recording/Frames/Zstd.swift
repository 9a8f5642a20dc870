import CZstd

/// Bytes as zstd frames. Confined to its owner: the contexts are used again for each frame.
final class Zstd {
  /// A window that spans what is packed and its prefix, up to this (2^26 = 64 MiB); what is longer loses what lies further back.
  private static let largestWindow: Int32 = 26

  private let packing: OpaquePointer
  private let unpacking: OpaquePointer

  /// nil where there is no memory for it.
  init?() {
    guard let packing = ZSTD_createCCtx() else { return nil }
    guard let unpacking = ZSTD_createDCtx() else {
      ZSTD_freeCCtx(packing)
      return nil
    }
    self.packing = packing
    self.unpacking = unpacking
    ZSTD_DCtx_setParameter(unpacking, ZSTD_d_windowLogMax, Zstd.largestWindow + 1)
  }

  deinit {
    ZSTD_freeCCtx(packing)
    ZSTD_freeDCtx(unpacking)
  }

  /// - Returns: nil where there is no memory.
  func pack(_ bytes: [UInt8], prefix: [UInt8]?, level: Int32, checksum: Bool = false) -> [UInt8]? {
    ZSTD_CCtx_reset(packing, ZSTD_reset_session_and_parameters)
    ZSTD_CCtx_setParameter(packing, ZSTD_c_compressionLevel, level)
    ZSTD_CCtx_setParameter(packing, ZSTD_c_checksumFlag, checksum ? 1 : 0)
    let span = bytes.count + (prefix?.count ?? 0)
    let window = Int32(Int.bitWidth - max(1, span).leadingZeroBitCount)
    ZSTD_CCtx_setParameter(packing, ZSTD_c_windowLog, min(Zstd.largestWindow, max(10, window)))
    var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let size = bytes.withUnsafeBytes { bytes in
      frame.withUnsafeMutableBytes { frame in
        withPrefix(prefix) { prefix in
          ZSTD_CCtx_refPrefix(packing, prefix.baseAddress, prefix.count)
          return ZSTD_compress2(packing, frame.baseAddress, frame.count, bytes.baseAddress, bytes.count)
        }
      }
    }
    guard ZSTD_isError(size) == 0 else { return nil }
    frame.removeLast(frame.count - size)
    return frame
  }

  /// - Parameter size: What they take; not more than there may be.
  /// - Returns: nil for what is no frame, or of another size.
  func unpack(_ frame: [UInt8], prefix: [UInt8]?, size: Int) -> [UInt8]? {
    ZSTD_DCtx_reset(unpacking, ZSTD_reset_session_only)
    var unpacked = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
      unpacked = frame.withUnsafeBytes { frame in
        withPrefix(prefix) { prefix in
          ZSTD_DCtx_refPrefix(unpacking, prefix.baseAddress, prefix.count)
          return ZSTD_decompressDCtx(unpacking, bytes.baseAddress, size, frame.baseAddress, frame.count)
        }
      }
      count = ZSTD_isError(unpacked) == 0 ? min(unpacked, size) : 0
    }
    return ZSTD_isError(unpacked) == 0 && unpacked == size ? bytes : nil
  }

  /// The prefix is read while a frame is made, not held beyond.
  private func withPrefix<Result>(_ prefix: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    guard let prefix, !prefix.isEmpty else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return prefix.withUnsafeBytes(body)
  }
}
