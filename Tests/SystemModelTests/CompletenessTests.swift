import SystemAPI
import SystemModel
import Testing
import Wire

/// The one definition of completeness (rooms.md §1, http-api.md §3), and the cases in which it was broken.
@Suite struct CompletenessTests {
  let a = Bench.server("a1")
  let b = Bench.server("a2")
  let heir = Bench.server("a2", id: "Nheir")

  @Test func everybodyAnswered() {
    var bench = Bench.up([a, b])
    bench.ask()
    let question = bench.sent
    bench.reply(question, a)
    #expect(bench.ending == nil)
    bench.reply(question, b)
    #expect(bench.completeness == Completeness(complete: true, expected: 2, responded: 2))
  }

  @Test func whoAnswersTwiceCountsOnce() {
    var bench = Bench.up([a, b])
    bench.ask()
    let question = bench.sent
    bench.reply(question, a)
    bench.reply(question, a)
    #expect(bench.effects.isEmpty)
    bench.pass(2_000)
    #expect(bench.completeness?.responded == 1)
    #expect(bench.completeness?.missing.map(\.name) == ["a2"])
  }

  /// D9: a lame duck that answers counts, and is expected by that.
  @Test func aLameDuckThatAnswersCounts() {
    var bench = Bench.up([a, b])
    bench.give(.goodbye(subject: b.id, b, .lameDuck))
    bench.ask()
    let question = bench.sent
    bench.reply(question, b)
    bench.reply(question, a)
    #expect(bench.completeness == Completeness(complete: true, expected: 2, responded: 2))
  }

  /// S5: who is left out because it goes is named.
  @Test func aLameDuckThatDoesNotAnswerIsNamed() {
    var bench = Bench.up([a, b])
    bench.give(.goodbye(subject: b.id, b, .lameDuck))
    bench.ask()
    bench.reply(bench.sent, a)
    #expect(bench.completeness == Completeness(complete: true, expected: 1, responded: 1, lameDucks: ["a2"]))
  }

  /// D9, S3: a newcomer answers while another leaves.
  @Test func aNewcomerAnswersWhileAnotherLeaves() {
    var bench = Bench.up([a, b])
    bench.ask()
    let question = bench.sent
    bench.reply(question, Bench.server("a3"))
    bench.reply(question, a)
    bench.give(.goodbye(subject: b.id, b, .shutDown))
    #expect(bench.completeness == Completeness(complete: true, expected: 2, responded: 2))
  }

  /// D10, cases 1.1, 1.5, S4: a server and its later life count once.
  @Test func anHeirThatAnswersStandsForItsOlderLife() throws {
    var bench = Bench.up([a, b])
    bench.ask()
    let question = bench.sent
    bench.reply(question, a)
    bench.reply(question, heir)
    let probe = try #require(bench.probes.first)
    bench.give(.probeFailed(probe.id))
    #expect(bench.completeness == Completeness(complete: true, expected: 2, responded: 2))
  }

  @Test func anHeirThatWasNotAskedIsMissingOnce() throws {
    var bench = Bench.up([a, b])
    bench.ask()
    bench.reply(bench.sent, a)
    let question = bench.model.openCount
    #expect(question == 1)
    bench.beat(heir)
    let probe = try #require(bench.probes.first)
    bench.give(.probeFailed(probe.id))
    let completeness = try #require(bench.completeness)
    #expect(completeness.complete == false)
    #expect(completeness.expected == 2 && completeness.responded == 1)
    #expect(completeness.missing.map(\.cause) == [.startedAnew])
  }

  @Test func anHeirThatWasExpectedItselfCountsOnce() throws {
    var bench = Bench.up([a, b, heir], counted: 3)
    #expect(bench.model.servers.server(id: b.id)?.isBeingProbed == true)
    bench.ask()
    let question = bench.sent
    bench.reply(question, a)
    bench.pass(1_100)
    bench.pass(1_000)
    let completeness = try #require(bench.completeness)
    #expect(completeness.expected == completeness.responded + completeness.missing.count)
    #expect(Set(completeness.missing.map(\.id)).count == completeness.missing.count)
  }

  /// D11, case 2.1: a question that was not sent blames nobody.
  @Test func behindAnEqualQuestionNobodyIsBlamed() {
    var bench = Bench.up([a, b])
    bench.ask()
    let first = bench.sent
    bench.reply(first, a)
    bench.pass(100)
    bench.ask(timeout: 40)
    #expect(bench.sent != nil, "with so little time it goes at once")
    bench.pass(1)
    bench.ask(timeout: 200)
    #expect(bench.sent == nil)
    bench.pass(51)
    #expect(bench.sent != nil)
  }

  @Test func unsentBlamesNobody() throws {
    var bench = Bench.up([a, b])
    bench.ask()
    bench.give(.unsent(try #require(bench.sent)))
    #expect(bench.completeness == .notAsked)
  }

  /// Case 2.4: where the connection is at fault, nobody is named.
  @Test func aStalledConnectionNamesNobody() throws {
    var bench = Bench.up([a, b])
    bench.pass(10)
    bench.ask(timeout: 5_000)
    bench.pass(260)
    bench.give(.connectionChecked(try #require(bench.check), isAlive: false))
    bench.give(.disconnected(.unresponsive(.check), isFailingOver: true))
    #expect(bench.obstacle == .notConnected(.unresponsive(.check)))
    #expect(bench.completeness == .notAsked)
  }

  /// D12, I5: each ask ends by its own time, whatever it waits for.
  @Test func asksEndEachByItsOwnTime() {
    var bench = Bench.up([a, b])
    bench.ask(timeout: 300)
    bench.ask(timeout: 600)
    #expect(bench.model.openCount == 1)
    bench.pass(305)
    #expect(bench.effects.contains { if case .finish(let asks, _) = $0 { asks.count == 1 } else { false } })
    #expect(bench.model.openCount == 1)
    bench.pass(300)
    #expect(bench.model.openCount == 0)
  }

  /// I4: who asks after a question has left gets none of its answers.
  @Test func whoComesLateGetsAQuestionOfItsOwn() {
    var bench = Bench.up([a])
    bench.ask()
    let first = bench.sent
    bench.ask()
    #expect(bench.sent == nil)
    bench.reply(first, a)
    #expect(bench.sent != nil, "it goes when the first has ended")
  }

  @Test func olderVersionsAreUnsupportedUnlessTheyAnswer() {
    var old = b
    old.version = "2.9.10"
    var bench = Bench.up([a, old])
    let question = Bench.question(since: [ServerVersion(2, 10, 26)])
    bench.ask(question)
    bench.reply(bench.sent, a)
    #expect(bench.completeness?.complete == true)
    #expect(bench.completeness?.unsupported.map(\.name) == ["a2"])
    bench.ask(question)
    let sent = bench.sent
    bench.reply(sent, old)
    bench.reply(sent, a)
    #expect(bench.completeness == Completeness(complete: true, expected: 2, responded: 2))
  }

  @Test func aRefusalIsAnAnswer() throws {
    var bench = Bench.up([a])
    bench.ask()
    bench.give(.reply(try #require(bench.sent), .described(a, isPartial: false), isRefusal: true))
    #expect(bench.completeness?.complete == true)
  }

  @Test func anEmptyScopeIsCompleteAtOnce() {
    var bench = Bench.up([a])
    var filters = ServerFilters()
    filters.name = "nobody"
    bench.ask(Question(.every, filters: filters, form: Bench.question().form))
    #expect(bench.obstacle == .nobodyInScope)
    #expect(bench.completeness == Completeness(complete: true, expected: 0, responded: 0))
  }

  @Test func excludedAnswersAreNotResponses() {
    let completeness = Completeness(complete: true, expected: 3, responded: 3)
    #expect(completeness.excluding(0) == completeness)
    #expect(completeness.excluding(1) == Completeness(complete: false, expected: 3, responded: 2))
    #expect(Completeness(complete: nil, expected: nil, responded: 1).excluding(1).complete == nil)
  }

  // MARK: Declared servers

  /// Case 1.2: what is declared stays expected through its goodbye.
  @Test(arguments: [Goodbye.shutDown, .lameDuck])
  func aDeclaredServerThatSaysGoodbyeIsMissing(goodbye: Goodbye) {
    var bench = Bench.up([a, b], declared: Declared(expected: [DeclaredServer("a1"), DeclaredServer("a2")]))
    bench.give(.goodbye(subject: b.id, b, goodbye))
    bench.ask()
    bench.reply(bench.sent, a)
    #expect(bench.completeness?.complete == false)
    #expect(bench.completeness?.expected == 2)
    #expect(bench.completeness?.missing.map(\.name) == ["a2"])
  }

  /// Case 1.3: declared, and of unknown cluster: it may be in any.
  @Test func aDeclaredServerOfUnknownClusterIsMissingInEach() {
    var bench = Bench.up([a], declared: Declared(expected: [DeclaredServer("a4")]))
    bench.ask(Bench.question(.cluster("A")))
    bench.reply(bench.sent, a)
    #expect(bench.completeness?.missing.map(\.name) == ["a4"])
  }

  @Test func aDeclaredServerOfAnotherClusterIsNotMissing() {
    var bench = Bench.up([a], declared: Declared(expected: [DeclaredServer("B/b2")]))
    bench.ask(Bench.question(.cluster("A")))
    bench.reply(bench.sent, a)
    #expect(bench.completeness?.complete == true)
  }

  // MARK: Servers that never spoke

  /// Case 1.4, S2: a lagging count swells nothing that is expected.
  @Test func aSurplusThatNoLinkExplainsIsToldAndNotCounted() {
    var bench = Bench.up([a, b], counted: 5)
    bench.give(.sightings([Sighting(id: a.id), Sighting(id: b.id)], areWhole: true))
    bench.ask()
    let question = bench.sent
    bench.reply(question, a)
    bench.reply(question, b)
    #expect(bench.completeness == Completeness(complete: true, expected: 2, responded: 2, unexplained: 3))
  }

  @Test func aSurplusCountsWhereLinksCannotBeAsked() {
    var bench = Bench.up([a, b], counted: 5)
    bench.give(.sightings([], areWhole: false))
    bench.ask()
    let question = bench.sent
    bench.reply(question, a)
    bench.reply(question, b)
    #expect(bench.completeness?.expected == 5)
    #expect(bench.completeness?.missing.map(\.cause) == [.counted(3)])
  }

  @Test func whoIsSeenAndNeverSpokeIsMissingByName() {
    var bench = Bench.up([a, b], counted: 3)
    bench.give(.sightings([Sighting(id: "Nx", name: "a3", cluster: "A")], areWhole: true))
    bench.ask()
    let question = bench.sent
    bench.reply(question, a)
    bench.reply(question, b)
    #expect(bench.completeness?.missing.map(\.name) == ["a3"])
    #expect(bench.completeness?.missing.map(\.cause.code) == ["unknown_server"])
    bench.beat(Bench.server("a3", id: "Nx"))
    #expect(bench.model.completeness(ofRoster: ServerScope(), at: Bench.instant(bench.now)).complete == true)
  }

  /// Case 1.5: a crashed server and the id under which others see it anew are one.
  @Test func aSightingUnderAnotherIDIsTheOneThatIsMissing() {
    var bench = Bench.up([a, b], counted: 2)
    bench.loseRoute(to: b)
    bench.beat(a, counted: 3)
    bench.give(.sightings([Sighting(id: "Nx", name: "a2", cluster: "A")], areWhole: true))
    bench.ask()
    bench.reply(bench.sent, a)
    #expect(bench.completeness?.expected == 2)
    #expect(bench.completeness?.missing.map(\.id) == [b.id])
  }

  // MARK: Leaders

  private func jetstream(_ name: String, cluster: String = "A", domain: String = "") -> ServerDescription {
    Bench.server(name, cluster: cluster, jetstream: true, domain: domain)
  }

  /// Cases 4.1, 4.2: one leader of each domain.
  @Test func oneLeaderOfEachDomainIsExpected() {
    let (j0, j1) = (jetstream("j0", domain: "d1"), jetstream("j1", domain: "d1"))
    let (k0, leaf) = (jetstream("k0", cluster: "K", domain: "d2"), jetstream("leaf", cluster: "", domain: "d2"))
    var bench = Bench.up([j0, j1, k0, leaf])
    bench.ask(Bench.question(oneAnswer: true))
    let question = bench.sent
    bench.reply(question, j0)
    bench.reply(question, j1)
    #expect(bench.effects.isEmpty, "a second answer of a domain is dropped")
    bench.reply(question, k0)
    #expect(bench.ending == nil)
    bench.reply(question, leaf)
    #expect(bench.completeness == Completeness(complete: true, expected: 3, responded: 3))
  }

  /// S12: nobody has JetStream, which the roster knows.
  @Test func withoutJetStreamNobodyLeads() {
    var bench = Bench.up([a, b])
    bench.ask(Bench.question(oneAnswer: true))
    #expect(bench.obstacle == .nobodyInScope)
  }

  /// Case 3.1: only one that answers its probe and stays silent does not lead.
  @Test func whoAnswersItsProbeAndNamesAnotherLeaderDoesNotLead() throws {
    let (lead, follow) = (jetstream("lead"), jetstream("follow"))
    var bench = Bench.up([lead, follow])
    bench.ask(Bench.question(.server("follow", cluster: nil), oneAnswer: true))
    let probe = try #require(bench.probes.first)
    bench.give(.probeAnswered(probe.id, follow, Beat(countedServers: 2, metaLeader: "lead")))
    #expect(bench.obstacle == .notLeader(try #require(bench.model.servers.server(id: follow.id)).ref))
  }

  /// A follower that says nothing of its group, or knows of no leader, does not wait out its caller's time.
  @Test(arguments: [nil, ""] as [String?]) func whoSaysLittleOfItsGroupDoesNotLead(_ says: String?) throws {
    let (lead, follow) = (jetstream("lead"), jetstream("follow"))
    var bench = Bench.up([lead, follow])
    bench.give(.heartbeat(subject: lead.id, lead, Beat(countedServers: 2, metaLeader: "lead")))
    bench.ask(Bench.question(.server("follow", cluster: nil), oneAnswer: true))
    bench.give(.probeAnswered(try #require(bench.probes.first).id, follow, Beat(countedServers: 2, metaLeader: says)))
    #expect(bench.obstacle == .notLeader(try #require(bench.model.servers.server(id: follow.id)).ref))
  }

  /// Nobody says who leads, or the others say that it does: it is waited for.
  @Test(arguments: [nil, "lead"] as [String?]) func whoMayLeadIsWaitedFor(_ says: String?) throws {
    let (lead, follow) = (jetstream("lead"), jetstream("follow"))
    var bench = Bench.up([lead, follow])
    bench.give(.heartbeat(subject: follow.id, follow, Beat(countedServers: 2, metaLeader: says)))
    bench.ask(Bench.question(.server("lead", cluster: nil), oneAnswer: true))
    bench.give(.probeAnswered(try #require(bench.probes.first).id, lead, Beat(countedServers: 2)))
    #expect(bench.ending == nil)
  }

  @Test func aSlowLeaderIsWaitedFor() throws {
    let (lead, follow) = (jetstream("lead"), jetstream("follow"))
    var bench = Bench.up([lead, follow])
    bench.ask(Bench.question(.server("lead", cluster: nil), oneAnswer: true))
    let question = bench.sent
    let probe = try #require(bench.probes.first)
    bench.give(.probeAnswered(probe.id, lead, Beat(countedServers: 2, metaLeader: "lead")))
    #expect(bench.ending == nil)
    bench.pass(600)
    bench.reply(question, lead)
    #expect(bench.completeness?.complete == true)
  }

  @Test func aFrozenLeaderIsNamed() throws {
    let (lead, follow) = (jetstream("lead"), jetstream("follow"))
    var bench = Bench.up([lead, follow])
    bench.give(.heartbeat(subject: follow.id, follow, Beat(countedServers: 2, metaLeader: "lead")))
    bench.ask(Bench.question(oneAnswer: true), timeout: 800)
    bench.pass(805)
    #expect(bench.completeness?.missing.map(\.name) == ["lead"])
    #expect(bench.completeness?.expected == 1)
  }
}

/// Replies whose bytes are not held: their server is missing for that, is not waited for, and nothing else is said of it.
@Suite struct TooLargeTests {
  let a = Bench.server("a1")
  let b = Bench.server("a2")

  private func tooLarge(_ bench: inout Bench, _ question: QuestionID?, _ server: ServerDescription) {
    guard let question else { return }
    bench.give(.tooLarge(question, .described(server, isPartial: false)))
  }

  @Test func itIsMissingAtOnce() {
    var bench = Bench.up([a, b])
    bench.ask()
    let question = bench.sent
    bench.reply(question, a)
    tooLarge(&bench, question, b)
    #expect(bench.completeness?.complete == false && bench.completeness?.expected == 2 && bench.completeness?.responded == 1)
    #expect(bench.completeness?.missing.map(\.name) == ["a2"] && bench.completeness?.missing.map(\.cause) == [.tooLarge])
    #expect(bench.standing(b) == .live)
    bench.pass(5_000)
    #expect(bench.probes.isEmpty && bench.standing(b) == .live)
  }

  @Test func theOneThatWasAsked() {
    var bench = Bench.up([a, b])
    bench.ask(Bench.question(.server("a2", cluster: nil)))
    tooLarge(&bench, bench.sent, b)
    #expect(bench.completeness?.missing.map(\.cause) == [.tooLarge] && bench.completeness?.expected == 1)
  }

  /// Somebody else's word about a question to one server is not its answer.
  @Test func anotherThanWasAsked() {
    var bench = Bench.up([a, b])
    bench.ask(Bench.question(.server("a2", cluster: nil)))
    let question = bench.sent
    tooLarge(&bench, question, a)
    #expect(bench.ending == nil)
    bench.reply(question, b)
    #expect(bench.completeness == Completeness(complete: true, expected: 1, responded: 1))
  }

  @Test func afterItsReplyWasKept() {
    var bench = Bench.up([a, b])
    bench.ask()
    let question = bench.sent
    bench.reply(question, b)
    tooLarge(&bench, question, b)
    bench.reply(question, a)
    #expect(bench.completeness == Completeness(complete: true, expected: 2, responded: 2))
  }

  @Test func aSecondReplyThatFits() {
    var bench = Bench.up([a, b])
    bench.ask()
    let question = bench.sent
    tooLarge(&bench, question, b)
    bench.reply(question, b)
    bench.reply(question, a)
    #expect(bench.completeness == Completeness(complete: true, expected: 2, responded: 2))
  }

  /// Whoever answers counts: a stranger and a lame duck too.
  @Test func whoWasNotExpected() {
    var bench = Bench.up([a, b])
    bench.give(.goodbye(subject: b.id, b, .lameDuck))
    bench.ask()
    let question = bench.sent
    tooLarge(&bench, question, b)
    tooLarge(&bench, question, Bench.server("a3"))
    bench.reply(question, a)
    #expect(bench.completeness?.complete == false && bench.completeness?.expected == 3 && bench.completeness?.responded == 1)
    #expect(bench.completeness?.missing.map(\.name) == ["a2", "a3"] && bench.completeness?.lameDucks == [])
  }

  @Test func theLeaderOfADomain() {
    let lead = Bench.server("lead", jetstream: true)
    var bench = Bench.up([lead, Bench.server("follow", jetstream: true)])
    bench.ask(Bench.question(oneAnswer: true))
    tooLarge(&bench, bench.sent, lead)
    #expect(bench.completeness?.missing.map(\.name) == ["lead"] && bench.completeness?.missing.map(\.cause) == [.tooLarge])
    #expect(bench.completeness?.complete == false && bench.completeness?.expected == 1)
  }

  @Test func whereTheServersAreNotKnown() {
    var bench = Bench()
    bench.give(.connecting)
    bench.connect()
    if let discovery = bench.discovery { bench.give(.discoveryRefused(discovery)) }
    bench.ask()
    tooLarge(&bench, bench.sent, a)
    bench.pass(2_000)
    #expect(bench.completeness?.complete != true && bench.completeness?.responded == 0)
  }
}
