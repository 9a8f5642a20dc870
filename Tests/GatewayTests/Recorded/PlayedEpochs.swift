import Recording
import Wire

@testable import Gateway

/// Epochs of two servers with one stream, a minute apart unless said otherwise, with figures that are functions of the minute.
struct PlayedEpochs {
  /// The beginning of an hour.
  static let start = Timestamp(hour: 498_900)

  var every = 60
  /// At this epoch a2 is started anew.
  var restart = Int.max
  /// Streams beside the first.
  var streams = 0
  /// Streams of a server b1 in a cluster B; where there are none there is no such server.
  var others = 0
  var otherServer = "b1"

  func at(_ place: Int) -> Timestamp { PlayedEpochs.start + .wholeSeconds(Int64(place * every) + 5) }

  func epoch(_ place: Int) -> Epoch {
    let at = at(place)
    let header = EpochHeader(
      number: Int(at.seconds) / every, began: at - .seconds(4), at: at, expected: 2, responded: 2, missing: 0, documents: ["varz", "jsz"])
    let read = (at - .seconds(2)).rfc3339
    let documents = ["a1", "a2"].flatMap { server -> [RecordedDocument] in
      let isNew = server == "a2" && place >= restart
      let id = "ID\(server)\(isNew ? "new" : "")"
      let counted = isNew ? place - restart : place
      let varz = #"{"now":"\#(read)","cpu":\#(place % 7),"mem":\#(1000 + place),"in_msgs":\#(counted * 60),"out_msgs":\#(counted * 6)}"#
      let rows = (0...streams).map { number in
        #"{"name":"S\#(number == 0 ? "" : "\(number)")","created":"c","cluster":{"leader":"\#(place % 100 < 50 ? "a1" : "a2")"},"state":{"messages":\#(place * 2),"bytes":9,"first_seq":1,"last_seq":\#(place * 120),"consumer_count":0}}"#
      }
      let jsz =
        #"{"now":"\#(read)","meta_cluster":{"leader":"a1"},"account_details":[{"name":"T","id":"T","stream_detail":[\#(rows.joined(separator: ","))]}]}"#
      let object = #"{"name":"\#(server)","id":"\#(id)","cluster":"A"}"#
      return [("server", object), ("varz", varz), ("jsz", jsz)].map { name, text in
        RecordedDocument(.init(server: id, document: name), bytes: Array(text.utf8), rtt: .zero)
      }
    }
    return Epoch(header, beliefs: Array("{}".utf8), documents: documents + (others > 0 ? other(place, read) : []))
  }

  private func other(_ place: Int, _ read: String) -> [RecordedDocument] {
    let rows = (0..<others).map { number in
      #"{"name":"Z\#(number)","created":"c","cluster":{"leader":"\#(otherServer)"},"state":{"messages":\#(place),"bytes":9}}"#
    }
    let jsz =
      #"{"now":"\#(read)","meta_cluster":{"leader":"a1"},"account_details":[{"name":"T","id":"T","stream_detail":[\#(rows.joined(separator: ","))]}]}"#
    return [("server", #"{"name":"\#(otherServer)","id":"IDb1","cluster":"B"}"#), ("varz", #"{"now":"\#(read)","mem":7}"#), ("jsz", jsz)]
      .map {
        RecordedDocument(.init(server: "IDb1", document: $0), bytes: Array($1.utf8), rtt: .zero)
      }
  }
}
