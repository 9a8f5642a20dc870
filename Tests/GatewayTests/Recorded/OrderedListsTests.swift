import Testing

@testable import Gateway

/// Lists of subscriptions in an order of their own.
struct OrderedListsTests {
  @Test(arguments: [
    (#"{"subscriptions_list":["b","a"]}"#, #"{"subscriptions_list":["a","b"]}"#),
    (#"{"x":["b","a"],"subscriptions_list":["c","b","a"],"y":[2,1]}"#, #"{"x":["b","a"],"subscriptions_list":["a","b","c"],"y":[2,1]}"#),
    (
      #"{"routes":[{"subscriptions_list":["b","a"]},{"subscriptions_list":["a"]},{"subscriptions_list":["\"],","[","a,b"]}]}"#,
      #"{"routes":[{"subscriptions_list":["a","b"]},{"subscriptions_list":["a"]},{"subscriptions_list":["[","\"],","a,b"]}]}"#
    ),
  ])
  func listsAreOrderedAndNothingElse(_ text: String, _ expected: String) {
    #expect(String(decoding: OrderedLists.ordered(Array(text.utf8)), as: UTF8.self) == expected)
    #expect(String(decoding: OrderedLists.ordered(Array(expected.utf8)), as: UTF8.self) == expected)
  }

  /// What is no list of texts, or is cut short, stays as it is.
  @Test(arguments: [
    "", "{}", #"{"subscriptions_list":[]}"#, #"{"subscriptions_list":[2,1]}"#, #"{"subscriptions_list":[{"b":1},{"a":1}]}"#,
    #"{"subscriptions_list": ["b","a"]}"#, #"{"subscriptions_list":["b", "a"]}"#, #"{"subscriptions_list":["b","a""#,
    #"{"subscriptions_list":"#, #"{"subscriptions_list":["b","a"#, #"{"a":"\"subscriptions_list\":[\"b\",\"a\"]"}"#,
    #"{"subscriptions_list":null}"#, #"{"subscriptions_list":["b","a",]}"#,
  ])
  func whatIsNoListStays(_ text: String) {
    #expect(String(decoding: OrderedLists.ordered(Array(text.utf8)), as: UTF8.self) == text)
  }
}
