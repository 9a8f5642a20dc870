import Fetch
import Wire

/// What a gateway says instead of what it was asked for.
enum GatewayComplaint {
  static func sentence(_ response: FetchResponse) -> String {
    let told = (try? JSONValue(parsing: response.body))?["error"]?["description"]?.string
    return "the gateway answered \(response.status)" + (told.map { ": \($0)" } ?? "")
  }
}
