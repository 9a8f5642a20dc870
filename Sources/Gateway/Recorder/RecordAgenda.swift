import DequeModule
import Recorded
import SystemAPI
import SystemModel

/// What is still to be asked for an epoch, in order: one document of every server after the other, and at most one question at a time to a
/// server. A value.
struct RecordAgenda {
  struct Task: Sendable, Equatable {
    let server: ServerID
    let document: FullDocument.Name
    var account = ""
    var offset = 0
  }

  /// Accounts of one server whose details are asked for.
  static let mostAccounts = 32

  private var waiting: Deque<Task> = []
  private var busy: Set<ServerID> = []
  private(set) var known: Set<ServerID> = []
  /// Tasks that were put on it, for the pace.
  private(set) var count = 0

  var isEmpty: Bool { waiting.isEmpty && busy.isEmpty }

  /// Puts servers on it that are not there yet.
  mutating func add(_ servers: [KnownServer], _ documents: [FullDocument]) {
    let new = servers.filter { !known.contains($0.id) }
    known.formUnion(new.map(\.id))
    for document in documents where document.account == nil {
      for server in new where document.isSupported(by: server.description.version) {
        put(Task(server: server.id, document: document.name))
      }
    }
  }

  /// Puts a document about each of these accounts on it.
  mutating func add(_ document: FullDocument.Name, about accounts: [String], of server: ServerID) {
    for account in accounts.sorted().prefix(RecordAgenda.mostAccounts) { put(Task(server: server, document: document, account: account)) }
  }

  private mutating func put(_ task: Task) {
    waiting.append(task)
    count += 1
  }

  /// The next one that may leave; its server is busy until ``ended(_:)``.
  mutating func next() -> Task? {
    // Whoever is busy is passed over and asked later.
    for _ in 0..<min(waiting.count, 256) {
      guard let task = waiting.popFirst() else { return nil }
      if busy.insert(task.server).inserted { return task }
      waiting.append(task)
    }
    return nil
  }

  /// The question of a task has ended.
  ///
  /// - Parameter next: The page that follows.
  mutating func ended(_ task: Task, next: Int? = nil) {
    busy.remove(task.server)
    guard let next else { return }
    var following = task
    following.offset = next
    waiting.prepend(following)
  }

  /// A server did not answer: it is asked no more for this epoch.
  mutating func giveUp(_ server: ServerID) {
    busy.remove(server)
    waiting.removeAll { $0.server == server }
  }
}
