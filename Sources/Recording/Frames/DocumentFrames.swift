import CZstd

/// Documents as zstd frames, each but the first of a row with the one before as its prefix: what did not change costs next to nothing.
///
/// Confined to its owner: the contexts are used again for each frame.
public final class DocumentFrames {
  /// The largest document that is packed or unpacked, in bytes.
  public static let largest = 64 << 20
  /// A window that spans a document and its prefix, up to this (2^26 = 64 MiB); documents that are longer lose what lies further back.
  private static let largestWindow: Int32 = 26
  private static let level: Int32 = 3

  private let packing: OpaquePointer
  private let unpacking: OpaquePointer

  /// nil where there is no memory for it.
  package init?() {
    guard let packing = ZSTD_createCCtx() else { return nil }
    guard let unpacking = ZSTD_createDCtx() else {
      ZSTD_freeCCtx(packing)
      return nil
    }
    self.packing = packing
    self.unpacking = unpacking
    ZSTD_DCtx_setParameter(unpacking, ZSTD_d_windowLogMax, DocumentFrames.largestWindow + 1)
  }

  deinit {
    ZSTD_freeCCtx(packing)
    ZSTD_freeDCtx(unpacking)
  }

  /// - Returns: nil for a document that is too large, or where there is no memory.
  package func pack(_ document: [UInt8], prefix: [UInt8]?) -> [UInt8]? {
    guard document.count <= DocumentFrames.largest else { return nil }
    ZSTD_CCtx_reset(packing, ZSTD_reset_session_and_parameters)
    ZSTD_CCtx_setParameter(packing, ZSTD_c_compressionLevel, DocumentFrames.level)
    ZSTD_CCtx_setParameter(packing, ZSTD_c_checksumFlag, 1)
    let span = document.count + (prefix?.count ?? 0)
    let window = Int32(Int.bitWidth - max(1, span).leadingZeroBitCount)
    ZSTD_CCtx_setParameter(packing, ZSTD_c_windowLog, min(DocumentFrames.largestWindow, max(10, window)))
    var frame = [UInt8](repeating: 0, count: ZSTD_compressBound(document.count))
    let size = document.withUnsafeBytes { document in
      frame.withUnsafeMutableBytes { frame in
        withPrefix(prefix) { prefix in
          ZSTD_CCtx_refPrefix(packing, prefix.baseAddress, prefix.count)
          return ZSTD_compress2(packing, frame.baseAddress, frame.count, document.baseAddress, document.count)
        }
      }
    }
    guard ZSTD_isError(size) == 0 else { return nil }
    frame.removeLast(frame.count - size)
    return frame
  }

  /// - Parameter size: What the document takes, as it was noted when it was packed.
  /// - Returns: nil for what is no frame, or not of this document.
  package func unpack(_ frame: [UInt8], prefix: [UInt8]?, size: Int) -> [UInt8]? {
    guard size >= 0, size <= DocumentFrames.largest else { return nil }
    ZSTD_DCtx_reset(unpacking, ZSTD_reset_session_only)
    var document = [UInt8](repeating: 0, count: size)
    let unpacked = frame.withUnsafeBytes { frame in
      document.withUnsafeMutableBytes { document in
        withPrefix(prefix) { prefix in
          ZSTD_DCtx_refPrefix(unpacking, prefix.baseAddress, prefix.count)
          return ZSTD_decompressDCtx(unpacking, document.baseAddress, document.count, frame.baseAddress, frame.count)
        }
      }
    }
    return ZSTD_isError(unpacked) == 0 && unpacked == size ? document : nil
  }

  /// The prefix is read while a frame is made, not held beyond.
  private func withPrefix<Result>(_ prefix: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    guard let prefix, !prefix.isEmpty else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return prefix.withUnsafeBytes(body)
  }
}
