import Wire

/// What a question has to do with a server.
struct Mark: OptionSet, Sendable, Equatable {
  let rawValue: UInt8
  /// It was in scope and expected when the question left.
  static let expected = Mark(rawValue: 1)
  /// The question waits for it.
  static let waitedFor = Mark(rawValue: 2)
  /// Its reply was kept.
  static let answered = Mark(rawValue: 4)
  /// Its version lacks the endpoint.
  static let unsupported = Mark(rawValue: 8)
  /// Its reply came, and was too large to be kept.
  static let leftOut = Mark(rawValue: 16)
}

/// Marks of rows: of one row, or of all that there were when the question left, and of those that came since and answered.
struct Marks: Sendable, Equatable {
  private(set) var first: Int
  private(set) var marks: [Mark]

  init(first: Int, count: Int) {
    self.first = first
    marks = Array(repeating: [], count: count)
  }

  var indices: Range<Int> { first..<first + marks.count }

  subscript(row: Int) -> Mark {
    get { indices.contains(row) ? marks[row - first] : [] }
    set {
      guard row >= first else { return }
      while row >= first + marks.count { marks.append([]) }
      marks[row - first] = newValue
    }
  }
}

/// The servers of one JetStream domain, of which one answers a question for leaders.
struct LeaderGroup: Sendable, Equatable {
  let domain: String
  let isClustered: Bool
  var members: [Int]
  /// The row whose reply was kept.
  var answeredBy: Int?
  /// The row whose reply was too large to be kept.
  var leftOut: Int?
}

/// One question on its way.
struct OpenQuestion: Sendable, Equatable {
  let id: QuestionID
  let question: Question
  let lane: Int
  /// The one server that is asked.
  let target: ServerRef?
  let sentAt: MonotonicTime
  var marks: Marks
  /// How many marks say `waitedFor`.
  var waiting = 0
  /// How many say `expected`, and how many `answered`.
  var expected = 0
  var answered = 0
  var asks: [AskID] = []
  var streams: [AskID] = []
  var groups: [LeaderGroup] = []
  var isProbed = false
  /// It is out: nobody may join any more.
  var hasLeft = false
  /// Nobody listens for it; a probe finds out what that means.
  var hasNoResponders = false
  /// Where the servers are not known, silence ends it.
  var endsOnSilence = false
  var lastReplyAt: MonotonicTime
  /// Nobody who is likely to answer is waited for: a little time is given all the same.
  var shortWaitUntil: MonotonicTime?
}

/// The questions of one kind: those on their way, and the callers who came after they were sent.
struct Lane: Sendable, Equatable {
  var question: Question
  var open = 0
  /// The latest of them, which those of the same instant may join.
  var latest: QuestionID?
  var waiting: [AskID] = []
  var waitingSince = MonotonicTime.origin
  /// Limits held it back.
  var isQueued = false
}

/// The question that left last. Nearly everybody asks what was asked right before, and finds it without a search.
struct Newest: Sendable, Equatable {
  let question: Question
  let lane: Int
  let id: QuestionID
}

/// One caller who waits.
struct Ask: Sendable, Equatable {
  let lane: Int
  let until: MonotonicTime
  let isStreaming: Bool
  var question: QuestionID?
  /// Part of the answer is out.
  var hasHeard = false
}
