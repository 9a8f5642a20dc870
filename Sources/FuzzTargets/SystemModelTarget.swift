import SystemSimulation

extension FuzzTarget {
  /// Any bytes as a schedule of faults for the system model: no rule of the simulation is broken.
  public static let systemModel = FuzzTarget(name: "system-model") { input in
    Simulation.run(Schedule(bytes: input)).map(String.init(describing:))
  }
}
