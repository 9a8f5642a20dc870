import ArgumentParser
import Gateway

extension ServeFlags {
  /// The flags that were given and speak of a system that is connected to, watched or recorded. Variables of the environment are none of them.
  var settingsOfASystem: [String] {
    guard let standard = try? ServeFlags.parse([]) else { return [] }
    return ServeFlags.ofASystem.filter { $0.value(self) != $0.value(standard) }.map { "--\($0.setting.name)" }
  }

  /// What each of them was told, as text: they are compared with what stands where nothing is said.
  private static var ofASystem: [(setting: Setting, value: (ServeFlags) -> String)] {
    let client: [(Setting, (ServeFlags) -> String)] = [
      (.server, { "\($0.client.server ?? "")" }), (.context, { "\($0.client.context ?? "")" }), (.creds, { "\($0.client.creds ?? "")" }),
      (.nkey, { "\($0.client.nkey ?? "")" }), (.user, { "\($0.client.user ?? "")" }), (.password, { "\($0.client.password ?? "")" }),
      (.token, { "\($0.client.token ?? "")" }), (.tokenFile, { "\($0.client.tokenFile ?? "")" }), (.tlsCA, { "\($0.client.tlsCA ?? "")" }),
      (.tlsCert, { "\($0.client.tlsCert ?? "")" }), (.tlsKey, { "\($0.client.tlsKey ?? "")" }), (.tlsFirst, { "\($0.client.tlsFirst)" }),
    ]
    let system: [(Setting, (ServeFlags) -> String)] = [
      (.sysReqPrefix, { $0.system.sysReqPrefix }), (.expect, { "\($0.system.expect)" }), (.retire, { "\($0.system.retire)" }),
      (.forgetAfter, { $0.system.forgetAfter.text }), (.probe, { $0.system.probe.text }), (.stateDir, { $0.system.stateDir ?? "" }),
      (.notify, { "\($0.notify.notify)" }), (.notifyAfter, { $0.notify.notifyAfter.text }),
      (.notifySecretFile, { $0.notify.notifySecretFile ?? "" }), (.mutes, { $0.notify.mutes ?? "" }),
      (.brokerConfig, { $0.broker.brokerConfig ?? "" }), (.brokerListen, { $0.broker.brokerListen ?? "" }),
    ]
    let record: [(Setting, (ServeFlags) -> String)] = [
      (.record, { $0.record.record ?? "" }), (.recordStream, { $0.record.recordStream ?? "" }),
      (.recordReplicas, { "\($0.record.recordReplicas ?? 0)" }), (.recordCreds, { $0.record.recordCreds ?? "" }),
      (.recordNkey, { $0.record.recordNkey ?? "" }), (.recordSetAside, { "\($0.record.recordSetAside)" }),
      (.recordEvery, { $0.record.recordEvery.text }), (.recordKeep, { $0.record.recordKeep.text }),
      (.recordRows, { "\($0.record.recordRows)" }), (.recordEndpoints, { "\($0.record.recordEndpoints)" }),
      (.recordSecrets, { "\($0.record.recordSecrets)" }),
    ]
    return client + system + record
  }
}
