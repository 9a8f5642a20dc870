import HTTPServer
import Recording

extension Refusal {
  init(_ error: RecordError) { self.init(.recordUnreadable, error.sentence) }
}
