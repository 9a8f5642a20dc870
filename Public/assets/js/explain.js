// What the fields of varz mean, in groups: shown beside each, so that nobody has to look them up.

import * as f from './format.js';

const help = {
  server_id: 'Public key of this server process; new at each start.', server_name: 'Configured name, else the id.', version: 'Release of the server.',
  proto: 'Level of the client protocol.', git_commit: 'Commit the release was built from.', go: 'Compiler.', host: 'Address it listens on, as configured.', port: 'Client port.',
  ip: 'Address of the server, where known.', connect_urls: 'Addresses told to clients.', ws_connect_urls: 'WebSocket addresses told to clients.', tags: 'Tags from the configuration.',
  metadata: 'Metadata from the configuration.', feature_flags: 'Features switched on or off.', system_account: 'Account in which the server speaks about itself.',
  auth_required: 'Clients have to log in.', tls_required: 'Clients have to use TLS.', tls_verify: 'Clients have to show a certificate.',
  auth_timeout: 'Seconds a client has for logging in.', tls_timeout: 'Seconds a client has for the TLS handshake.', tls_cert_not_after: 'When the certificate expires.',
  max_connections: 'Most client connections.', max_subscriptions: 'Most subscriptions of one connection.', max_payload: 'Largest message.', max_pending: 'Most bytes queued for one client before it is cut off as slow.',
  max_control_line: 'Longest protocol line.', ping_interval: 'How often an idle client is pinged.', ping_max: 'Pings without an answer before it is cut off.', write_deadline: 'How long a write may take before the client is cut off.',
  write_timeout: 'What happens after the write deadline.', http_host: 'Address of its own monitoring port.', http_port: 'Its own monitoring port; 0 is none.', https_port: 'Its own monitoring port with TLS; 0 is none.', http_base_path: 'Path its monitoring stands under.',
  start: 'When it started.', now: 'Its clock.', uptime: 'How long it has been running.', config_load_time: 'When its configuration was last read.', config_digest: 'Digest of its configuration file.',
  mem: 'Resident memory.', cores: 'CPU cores it sees.', gomaxprocs: 'Cores it may use at once.', gomemlimit: 'Memory its runtime tries to stay under.', cpu: 'Percent of one core.',
  connections: 'Clients now.', total_connections: 'Clients since it started.', routes: 'Route connections (several for each peer).', remotes: 'Other servers of its cluster it is connected to.', leafnodes: 'Leafnode connections.',
  subscriptions: 'Subscriptions of all accounts, internal and remote ones too.', in_msgs: 'Messages received: from clients, routes, gateways and leafnodes.', in_bytes: 'Bytes of those.',
  out_msgs: 'Messages sent, likewise.', out_bytes: 'Bytes of those.', in_client_msgs: 'Messages from clients alone.', in_client_bytes: 'Bytes of those.', out_client_msgs: 'Messages to clients alone.', out_client_bytes: 'Bytes of those.',
  slow_consumers: 'Connections cut off since the start because they did not read fast enough.', stale_connections: 'Connections cut off because they did not answer pings.', stalled_clients: 'Times a producer was held back for a slow consumer.',
  'slow_consumer_stats.clients': 'Clients among the slow consumers.', 'slow_consumer_stats.routes': 'Routes among the slow consumers.', 'slow_consumer_stats.gateways': 'Gateways among the slow consumers.', 'slow_consumer_stats.leafs': 'Leafnodes among the slow consumers.',
  pinned_account_fails: 'Refusals because an account was pinned elsewhere.', 'jetstream.config.max_memory': 'Memory JetStream may use.', 'jetstream.config.max_storage': 'Disk JetStream may use.', 'jetstream.config.store_dir': 'Where streams lie.',
  'jetstream.stats.memory': 'Memory used by streams.', 'jetstream.stats.storage': 'Disk used by streams.', 'jetstream.stats.reserved_memory': 'Memory promised to streams.', 'jetstream.stats.reserved_storage': 'Disk promised to streams.',
  'jetstream.stats.ha_assets': 'Raft groups it takes part in.', 'jetstream.stats.api.total': 'Requests to the JetStream API.', 'jetstream.stats.api.errors': 'Of those, refused.', 'jetstream.stats.accounts': 'Accounts with JetStream.',
  'jetstream.meta.leader': 'Server that leads the meta group.', 'jetstream.meta.cluster_size': 'Servers in the meta group.', 'jetstream.meta.name': 'Cluster of the meta group.',
  'cluster.name': 'Name of its cluster.', 'cluster.urls': 'Routes from the configuration.', 'gateway.name': 'Its gateway name.',
};

/** @type {[string, RegExp][]} */
const order = [
  ['Identity', /^(server_|version|proto|git_commit|go$|tags|metadata|feature_flags|system_account|host|port|ip|connect_urls|ws_connect_urls)/],
  ['Now', /^(start|now|uptime|cpu|mem|cores|gomaxprocs|gomemlimit|connections|total_connections|routes|remotes|leafnodes|subscriptions)$/],
  ['Traffic since start', /^(in_|out_)/],
  ['Trouble since start', /^(slow_|stale_|stalled_|pinned_|disk_io)/],
  ['JetStream', /^jetstream/],
  ['Cluster, gateways, leafnodes', /^(cluster|gateway|leaf)\./],
  ['Limits and timeouts', /^(max_|ping_|write_|auth_|tls_)/],
  ['Configuration', /^(config_|http|https|mqtt|websocket|ocsp|proxies|trusted)/],
];

function flatten(value, prefix, out) {
  for (const [name, each] of Object.entries(value)) {
    const path = prefix ? `${prefix}.${name}` : name;
    if (each !== null && typeof each === 'object' && !Array.isArray(each)) flatten(each, path, out);
    else out.push({ name: path, value: each });
  }
  return out;
}

/** The fields of a varz document in groups; what no group knows comes last. */
export function groups(varz) {
  const fields = flatten(varz, '', []);
  const left = new Set(fields);
  const found = order.map(([title, pattern]) => {
    const mine = fields.filter((field) => left.has(field) && pattern.test(field.name));
    for (const field of mine) left.delete(field);
    return { title, fields: mine };
  });
  return [...found, { title: 'Other', fields: [...left] }].filter((group) => group.fields.length);
}

/** A field's value as people read it, the exact one, and what the field means. */
export function explain(name, value) {
  const meaning = help[name] ?? '';
  const exact = typeof value === 'object' && value !== null ? JSON.stringify(value) : f.exact(value);
  const full = meaning ? `${exact} · ${meaning}` : exact;
  return { text: readable(name, value), exact: full, help: meaning };
}

function readable(name, value) {
  const last = name.split('.').at(-1);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((each) => typeof each === 'object' ? JSON.stringify(each) : String(each)).join(', ');
  if (value === null || value === '') return f.unknown;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') {
    if (/^(ping_interval|write_deadline|ack_wait|handshake_timeout|sync_interval|wait_time|max_wait_time|last_duration)$/.test(last)) return f.duration(value / 1e9);
    if (/timeout$/.test(last)) return f.duration(value);
    if (last === 'cpu') return f.percent(value);
    if (value > 1e18) return 'unlimited';
    if (/(^mem$|memory|storage|bytes$|max_payload|max_pending|max_control_line|gomemlimit)/.test(last) && !/^http/.test(name)) return value < 0 ? 'unlimited' : f.bytes(value);
    if (/port$/.test(last)) return String(value);
    return f.count(value);
  }
  if (/^\d{4}-\d\d-\d\dT/.test(value)) {
    const at = f.parseTime(value);
    if (at === undefined) return f.unknown;
    const distance = at - f.asOf();
    return distance > 60 ? `in ${f.duration(Math.floor(distance))}` : last === 'now' ? f.clockTime(value) : f.ago(value);
  }
  return value;
}
