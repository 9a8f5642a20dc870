import SystemModel
import Testing
import Wire

@testable import Gateway

/// Who would receive a subject, and the tree of subjects.
@Suite struct SubjectQuestionTests {
  private func reading(_ second: Int, _ rows: [(cid: Int, subject: String, queue: String, msgs: Int)], server: String = "a1") throws
    -> SubscriptionReading
  {
    let list = rows.map {
      #"{"account":"APP","subject":"\#($0.subject)","qgroup":"\#($0.queue)","sid":"1","cid":\#($0.cid),"msgs":\#($0.msgs)}"#
    }
    let text = #"{"now":"2026-03-01T12:00:\#(second)Z","total":\#(rows.count),"subscriptions_list":[\#(list.joined(separator: ","))]}"#
    let reply = MetricReply(name: server, cluster: "", id: "N\(server)", document: try JSONView(validating: Array(text.utf8)))
    return SubscriptionReading([reply], at: .zero)
  }

  private static let rows: [(cid: Int, subject: String, queue: String, msgs: Int)] = [
    (1, "orders.eu.new", "", 10), (2, "orders.*.new", "workers", 20), (3, "orders.>", "", 30), (4, "_INBOX.x", "", 5),
    (5, "metrics", "", 0),
  ]

  private static let questions: [(change: @Sendable (inout SubjectQuestion) -> Void, cids: [UInt64])] = [
    ({ $0.subject = "orders.eu.new" }, [1, 2, 3]), ({ $0.subject = "orders.us.new" }, [2, 3]), ({ $0.subject = "orders.*.old" }, [3]),
    ({ $0.subject = "orders" }, []), ({ $0.subject = "_INBOX.x" }, [4]), ({ $0.subject = ">" }, [1, 2, 3, 5]), ({ _ in }, [1, 2, 3, 5]),
    ({ $0.hasSystems = true }, [1, 2, 3, 4, 5]), ({ $0.match = "work" }, [2]), ({ $0.match = "met" }, [5]),
  ]

  @Test(arguments: questions.indices) func whoReceives(_ place: Int) throws {
    let (change, cids) = SubjectQuestionTests.questions[place]
    var question = SubjectQuestion()
    change(&question)
    let reading = try reading(10, SubjectQuestionTests.rows)
    #expect(question.rows(of: reading).map { reading.rows[$0].cid } == cids)
  }

  @Test func aLevelOfTheTreeIsSummedUp() throws {
    var now = try reading(20, SubjectQuestionTests.rows.map { ($0.cid, $0.subject, $0.queue, $0.msgs * 3) })
    now.rate(since: try reading(10, SubjectQuestionTests.rows))
    var question = SubjectQuestion()
    func branches() -> [[String]] {
      SubjectBranch.all(now, question.rows(of: now), question).map { branch in
        [branch.token, "\(branch.subscriptions)", "\(branch.ending)", "\(branch.branches)", "\(branch.rate)", branch.queues.joined()]
      }
    }
    #expect(branches() == [["orders", "3", "0", "3", "12.0", ""], ["metrics", "1", "1", "0", "0.0", ""]])
    question.below = ["orders"]
    question.order = .name
    #expect(branches() == [["*", "1", "0", "1", "4.0", ""], [">", "1", "1", "0", "6.0", ""], ["eu", "1", "0", "1", "2.0", ""]])
    question.below = ["orders", "*"]
    #expect(branches() == [["new", "1", "1", "0", "4.0", "workers"]])
  }

  @Test func aCounterThatBeganAnewHasNoRate() throws {
    var now = try reading(20, [(1, "a", "", 3), (9, "new", "", 3)])
    now.rate(since: try reading(10, [(1, "a", "", 50)]))
    #expect(now.rates == [nil, nil] && now.span == 10)
    let known = SubscriptionReadings.Known(reading: now, completeness: Completeness.combined([]) { _, _, _ in true })
    let text = String(decoding: SubjectsDocument(known: known, question: SubjectQuestion(), now: .zero).body, as: UTF8.self)
    #expect(!text.contains("\"rate\""), "where no rate is known the sum is not zero")
  }
}
