// Joins what each server says of its routes, gateways and leafnodes into links with two ends.

import { parseDuration } from './format.js';

/** Links and the far ends that no server of the system is: { links, stubs }. */
export function joinLinks(routez, gatewayz, leafz, roster) {
  const byId = new Map(roster.map((server) => [server.id, server]));
  const byName = new Map(roster.map((server) => [server.name, server]));
  const answered = new Set(routez.map((each) => each.server.id));
  const stubs = new Map();
  const links = [];
  const nameOf = (id) => byId.get(id)?.name ?? stubs.get(id)?.name ?? id.slice(0, 8);

  function stub(id, name) {
    if (!byId.has(id) && !stubs.has(id)) stubs.set(id, { id, name: name || id.slice(0, 8), stub: true, state: 'unknown' });
  }

  // Routes: one link for each pair; both ends should report it.
  const pairs = new Map();
  for (const { server, data } of routez) {
    for (const route of data?.routes ?? []) {
      stub(route.remote_id, route.remote_name);
      const [a, b] = [server.id, route.remote_id].sort();
      const key = `route ${a} ${b}`;
      const link = pairs.get(key) ?? { key, kind: 'route', from: a, to: b, seenBy: new Set(), bytes: 0, connections: 0 };
      pairs.set(key, link);
      link.seenBy.add(server.id);
      link.rtt ??= parseDuration(route.rtt) || undefined;
      if (server.id === a || !link.seenBy.has(a)) link.connections += 1;
      if (link.countedBy === undefined || link.countedBy === server.id) {
        link.countedBy = server.id;
        link.bytes += route.in_bytes + route.out_bytes;
      }
    }
  }
  for (const link of pairs.values()) {
    for (const end of [link.from, link.to]) {
      if (answered.has(end) && !link.seenBy.has(end)) link.problem = `one-sided: ${nameOf(end)} does not report it`;
    }
    links.push(link);
  }
  // A cluster is a full mesh: members that have no route to each other are missing one.
  const clusters = new Map();
  for (const { server } of routez) {
    if (!server.cluster || server.cluster === server.name) continue;
    clusters.set(server.cluster, [...(clusters.get(server.cluster) ?? []), server.id]);
  }
  for (const members of clusters.values()) {
    for (const a of members) {
      for (const b of members) {
        if (a < b && !pairs.has(`route ${a} ${b}`)) links.push({ key: `missing ${a} ${b}`, kind: 'route', from: a, to: b, problem: 'missing: members of one cluster without a route', connections: 0 });
      }
    }
  }

  // Gateways: each server dials one server of every other cluster; the other end shows it as inbound.
  const inbound = new Set();
  for (const { server, data } of gatewayz) {
    for (const remotes of Object.values(data?.inbound_gateways ?? {})) for (const remote of remotes) inbound.add(`${remote.connection?.name} ${server.id}`);
  }
  for (const { server, data } of gatewayz) {
    for (const [cluster, remote] of Object.entries(data?.outbound_gateways ?? {})) {
      const connection = remote.connection ?? {};
      const to = byId.get(connection.name)?.id ?? byName.get(connection.name)?.id ?? connection.name ?? `gateway ${cluster}`;
      stub(to, cluster);
      links.push({
        key: `gateway ${server.id} ${cluster}`, kind: 'gateway', from: server.id, to, rtt: parseDuration(connection.rtt) || undefined, connections: 1, note: `to cluster ${cluster}${remote.configured ? '' : ', learnt by gossip'}`,
        bytes: (connection.in_bytes ?? 0) + (connection.out_bytes ?? 0),
        problem: byId.has(to) && gatewayz.some((each) => each.server.id === to) && !inbound.has(`${server.id} ${to}`) ? `one-sided: ${nameOf(to)} does not report it` : undefined,
      });
    }
  }

  // Leafnodes: the hub names its leaf from 2.9.15 on; before that the address is all there is.
  for (const { server, data } of leafz) {
    for (const leaf of data?.leafs ?? []) {
      if (leaf.is_spoke) continue;
      const named = byName.get(leaf.name) ?? roster.find((each) => each.id === leaf.name);
      const known = named ?? guessLeaf(leafz, server, leaf, roster);
      if (known?.id === server.id) continue;
      const to = known?.id ?? `leaf ${leaf.name || `${leaf.ip}:${leaf.port}`}`;
      if (!known) stub(to, leaf.name || `${leaf.ip}:${leaf.port}`);
      links.push({
        key: `leaf ${server.id} ${leaf.id ?? ''} ${leaf.ip}:${leaf.port} ${leaf.account}`, kind: 'leafnode', from: server.id, to, rtt: parseDuration(leaf.rtt) || undefined, connections: 1, bytes: leaf.in_bytes + leaf.out_bytes, guessed: !leaf.name,
        note: `account ${leaf.account}${known ? '' : ', not part of the system account'}${leaf.name ? '' : ', far end guessed'}`,
      });
    }
  }
  for (const link of links) {
    link.fromName = nameOf(link.from);
    link.toName = nameOf(link.to);
  }
  return { links, stubs: [...stubs.values()] };
}

/**
 * Before 2.9.15 both ends list the link without a word on who dialled. A server without a cluster that has a
 * leafnode of the same account is taken for the one that did; its own entry is then the same link again.
 */
function guessLeaf(leafz, here, leaf, roster) {
  if (leaf.name) return undefined;
  const alone = (server) => !server.cluster || server.cluster === server.name;
  const other = leafz.find((each) => each.server.id !== here.id && alone(each.server) !== alone(here)
    && (each.data?.leafs ?? []).some((mine) => mine.account === leaf.account));
  if (!other) return undefined;
  return roster.find((each) => each.id === (alone(here) ? here.id : other.server.id));
}
