// swift-tools-version: 6.2
import PackageDescription

/// Settings shared by every Swift target: Swift 6 mode (complete concurrency checking), no warnings,
/// and specialisation across module borders, without which a hot loop that crosses one is some
/// twenty times slower.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// Without the checks, while a release build runs, that nobody else touches a class's property while it is being changed. Debug builds, and
/// with them the tests, keep them.
///
/// Only where it was measured (`scripts/gates`, 2026-11-29, instructions of one operation):
///
///     unchecked             route  coalesced       splice        merge      streams
///     everywhere            1,620     17,105   10,271,495  315,772,071  114,042,324
///     nowhere               3,979     19,732   10,402,652  315,772,211  114,042,475
///     BrokerCore, Reactor   1,621     19,724   10,401,779  315,772,211  114,042,528
///
/// What is left of `coalesced` is Gateway's, HTTPServer's and NATSClient's: some 2,600 instructions a request. With them unchecked
/// (2026-11-30, and one pass of the JSON layout that does not grow an array byte by byte) it takes 10,377 instead of 14,338, and a request for
/// one server's varz over HTTP 3 to 6 % less time. None of them decides by these checks what foreign bytes mean: they find faults of our own,
/// and the tests, which keep them, run every path.
let unchecked: [SwiftSetting] = settings + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

func library(_ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = settings) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies,
    exclude: exclude, swiftSettings: settings)
}

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let deques: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heaps: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "natsight",
  products: [.executable(name: "natsight", targets: ["natsight"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.13.0"),
  ],
  targets: [
    // Ground floor: what Swift cannot import by itself.
    .target(name: "CPosix"),
    .target(name: "CPages"),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    .target(name: "CCurl"),
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Transport and bytes.
    library("Wire", []),
    library("Reactor", ["Wire", "CPosix", "COpenSSL"], unchecked),
    library("Compression", ["CZlib"]),

    // Vocabulary, identity, and the two protocol ends.
    library("SystemAPI", ["Wire"]),
    library("SystemModel", ["SystemAPI", "Wire"]),
    library("Recorded", ["SystemAPI", "Wire"]),
    library("Series", ["Recorded", "SystemAPI", "Wire"]),
    library("Recording", ["Wire", "CSQLite", "CZstd"]),
    library("Judgement", ["SystemModel", "SystemAPI", "Wire"]),
    library("Archive", ["SystemAPI", "Wire", "Compression"]),
    library("LogOutput", ["Reactor", "Wire", "CPosix", log]),
    library("Identity", ["Wire", "COpenSSL", "CCrypt"]),
    library("Fetch", ["Wire", "CCurl"]),
    library("Notify", ["Fetch", "Identity", "Wire", deques]),
    library("HTTPServer", ["Reactor", "Wire", "Compression", log], unchecked),
    library("NATSClient", ["Reactor", "Wire", "Identity", log], unchecked),
    library("StreamRecording", ["Recording", "NATSClient", "Identity", "Reactor", "Wire", deques, log]),

    // The servers.
    library("BrokerCore", ["Reactor", "Wire", "Identity", "Compression", log], unchecked),
    library("BrokerSystem", ["BrokerCore", "SystemAPI", "Reactor", "Wire", "Identity", "Fetch", "CPosix", "Compression", heaps, log]),
    library("BrokerOptions", ["BrokerCore", "Identity", "Reactor", "Wire"]),
    library("ServerProcess", ["BrokerOptions", "BrokerCore", "Identity", "Wire", "LogOutput", log]),
    library("Broker", ["BrokerCore", "BrokerSystem", "BrokerOptions", "Identity", "Reactor", log]),
    library(
      "Gateway",
      [
        "SystemModel", "HTTPServer", "NATSClient", "SystemAPI", "Recorded", "Recording", "Series", "Judgement", "Archive", "Notify",
        "Identity", "Reactor",
        "Wire", "Compression", deques,
        log,
      ],
      unchecked),
    library("AccountServer", ["HTTPServer", "NATSClient", "Identity", "Fetch", "Reactor", "Wire", log]),

    // Tools and the command.
    library(
      "Flags",
      [
        "Gateway", "Judgement", "Notify", "Recorded", "StreamRecording", "NATSClient", "Identity", "Reactor", "LogOutput", "Wire",
        arguments, log,
      ]),
    library("NSC", ["Identity", "NATSClient", "Fetch", "Reactor", "Wire", arguments, log]),
    library("ClientTools", ["NATSClient", "SystemAPI", "Identity", "Reactor", "Wire", log]),
    library(
      "GatewayProcess",
      [
        "Gateway", "Recording", "StreamRecording", "Fetch", "Broker", "BrokerCore", "BrokerOptions", "ServerProcess", "Flags", "HTTPServer",
        "NATSClient", "SystemAPI", "Judgement", "Notify",
        "Identity",
        "Reactor", "LogOutput", "Wire", arguments, log,
      ]),
    .executableTarget(
      name: "natsight",
      dependencies: [
        "Reactor", "HTTPServer", "NATSClient", "Identity", "Broker", "BrokerCore", "BrokerOptions", "ServerProcess", "Gateway",
        "GatewayProcess", "AccountServer", "NSC", "ClientTools", "Flags", "LogOutput", "CPosix", "CPages", "Wire", arguments, log,
      ], swiftSettings: settings),

    // Tests.
    library("TestSupport", ["CPosix"]),
    .executableTarget(
      name: "natsight-record-faults", dependencies: ["StreamRecording", "Recording", "NATSClient", "Wire", "TestSupport", log],
      path: "Sources/RecordFaults", swiftSettings: settings),
    library(
      "FuzzTargets",
      [
        "SystemSimulation", "Wire", "Compression", "Archive", "Series", "Recording", "StreamRecording", "SystemAPI", "SystemModel",
        "Identity",
        "Gateway",
        "BrokerSystem",
      ]),
    library("Play", ["Gateway", "Recording", "Reactor", "Wire", deques]),
    .executableTarget(
      name: "natsight-play", dependencies: ["Play", "Reactor"], path: "Sources/PlayCommand", swiftSettings: settings),
    library("SystemSimulation", ["SystemModel", "SystemAPI", "Wire"]),
    tests("Reactor", ["Wire"]),
    tests("Wire", [], exclude: ["Corpus"]),
    tests("Compression", []),
    tests("Recording", ["StreamRecording", "NATSClient", "Wire", "natsight-record-faults", log], exclude: ["Stored"]),
    tests("StreamRecording", ["Recording", "NATSClient", "Wire", log]),
    tests("Series", ["Recorded", "Wire"]),
    tests("Archive", ["Wire"]),
    tests("Judgement", ["SystemModel", "SystemAPI", "Wire"]),
    tests("LogOutput", ["Wire", log]),
    tests("SystemAPI", ["Wire"]),
    tests("SystemModel", ["SystemAPI", "SystemSimulation", "Wire"]),
    tests("Recorded", ["SystemAPI", "Wire", "natsight"]),
    tests("ClientTools", ["NATSClient", "Wire"]),
    tests("Identity", ["Wire"], exclude: ["Vectors"]),
    tests("Fetch", ["HTTPServer", "Reactor", "Wire"]),
    tests("Notify", ["Fetch", "HTTPServer", "Reactor", "Wire"]),
    tests("HTTPServer", ["Reactor", "Wire"]),
    tests("NATSClient", ["Reactor", "Identity", "Wire", "Compression", log]),
    tests("BrokerOptions", ["BrokerCore", "Identity", "Wire"]),
    tests("ServerProcess", ["BrokerCore", "BrokerOptions", "Identity"]),
    tests("BrokerCore", ["Reactor", "Wire", log]),
    tests(
      "Broker",
      ["BrokerCore", "BrokerSystem", "BrokerOptions", "Reactor", "Wire", "Compression", "NATSClient", "Identity", "SystemAPI", log]),
    tests(
      "Gateway",
      [
        "SystemModel", "Recorded", "Recording", "StreamRecording", "Series", "Judgement", "Archive", "Notify", "Reactor", "Wire",
        "Compression", "NATSClient",
        "HTTPServer", "SystemAPI", "Identity", log,
      ],
      exclude: ["Fixtures", "Golden"]),
    tests("AccountServer", ["Identity", "HTTPServer", "Reactor", "NSC", "Wire", log]),
    tests("NSC", ["Identity", arguments]),
    tests(
      "GatewayProcess",
      [
        "Broker", "BrokerCore", "BrokerOptions", "Flags", "Gateway", "HTTPServer", "Identity", "Judgement", "LogOutput", "NATSClient",
        "Reactor", "Wire", arguments, log,
      ]),
    tests("Flags", ["Gateway", "Judgement", "NATSClient", "Identity", "Wire", arguments]),
    .testTarget(name: "CorpusTests", dependencies: ["FuzzTargets", "TestSupport", "Wire"], swiftSettings: settings),
    .testTarget(
      name: "IntegrationTests", dependencies: ["TestSupport", "Wire", "Identity", "NSC", "Play", "natsight"], exclude: ["Scripts"],
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)

// `make simulate` builds one executable more.
if Context.environment["SIMULATE"] != nil {
  package.targets.append(
    .executableTarget(
      name: "natsight-simulate", dependencies: ["SystemSimulation", "SystemModel", "SystemAPI", "Wire"], path: "Sources/Simulate",
      swiftSettings: settings))
}

// `make gates` builds one executable more.
if Context.environment["GATES"] != nil {
  package.targets.append(
    .executableTarget(
      name: "natsight-gates",
      dependencies: ["Gateway", "BrokerCore", "HTTPServer", "NATSClient", "SystemAPI", "Identity", "Reactor", "Wire", "CPosix", log],
      path: "Sources/Gates",
      swiftSettings: settings))
}

// `make fuzz` builds everything with coverage counters for libFuzzer, and one executable more.
if Context.environment["FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "natsight-fuzz", dependencies: ["FuzzTargets"], path: "Sources/FuzzDriver",
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]))
  for target in package.targets where target.type == .regular || target.type == .executable {
    guard !["CPosix", "CCurl", "CPages"].contains(target.name) else { continue }
    target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"])]
  }
}
