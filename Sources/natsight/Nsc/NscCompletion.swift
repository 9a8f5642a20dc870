import ArgumentParser

struct NscCompletion: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Prints a shell's script that completes commands and flags of nsc.",
    discussion:
      "bash: source <(nsc completion bash). zsh: nsc completion zsh > a file named _nsc in a folder of fpath. fish: nsc completion fish | source."
  )
  @OptionGroup var globals: NscGlobals
  @Flag(help: "Accepted; the scripts have none for commands.") var noDescriptions = false
  @Argument(help: "bash, zsh or fish.") var shell: String

  func run() throws {
    guard let shell = CompletionShell(rawValue: shell) else { throw ValidationError("\"\(shell)\" is none of bash, zsh and fish") }
    NscSurroundings.current.say(NscRoot.completionScript(for: shell) + "\n")
  }
}
