import Compression
import Wire

extension ContentEncoding {
  /// What the header block of a request asks for; nil when it does not ask. The field has exactly this name, as nats-server has it.
  package static func requested(in header: UnsafeRawBufferPointer) -> ContentEncoding? {
    HeaderBlock(header).value(exactly: "Accept-Encoding").flatMap { ContentEncoding(acceptEncoding: $0) }
  }

  /// The header block of the reply.
  package var header: [UInt8] { Array("NATS/1.0\r\nContent-Encoding: \(rawValue)\r\n\r\n".utf8) }
}
