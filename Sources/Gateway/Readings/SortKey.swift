/// What rows of a list are compared by.
enum SortKey: Sendable {
  case number(Double?)
  case text(String)

  private enum Place { case before, same, behind }

  /// What is not known comes last, whichever way the rest is sorted.
  private func place(to other: SortKey, isAscending: Bool) -> Place {
    switch (self, other) {
    case (.number(let left?), .number(let right?)): left == right ? .same : (left < right) == isAscending ? .before : .behind
    case (.number(nil), .number(nil)): .same
    case (.number(nil), .number): .behind
    case (.number, .number(nil)): .before
    case (.text(let left), .text(let right)):
      left == right ? .same : left.isEmpty ? .behind : right.isEmpty ? .before : (left < right) == isAscending ? .before : .behind
    // Rows of one question have keys of one kind.
    case (.number, .text), (.text, .number): .same
    }
  }

  /// The places of these keys, sorted; among equals the first comes first.
  static func places(by keys: [SortKey], isAscending: Bool) -> [Int] {
    keys.indices.sorted { left, right in
      switch keys[left].place(to: keys[right], isAscending: isAscending) {
      case .before: true
      case .behind: false
      case .same: left < right
      }
    }
  }
}

/// Which way rows are sorted.
enum SortDirection: String, CaseIterable, Sendable { case ascending, descending }
