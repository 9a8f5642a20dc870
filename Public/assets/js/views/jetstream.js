// JetStream: who leads, how full it is, and every stream and consumer as its leader sees it.

import { append, h, replace, setText } from '../dom.js';
import { gather, query } from '../api.js';
import { text, figure, against } from '../columns.js';
import * as f from '../format.js';
import { Rates } from '../rates.js';
import { barCell } from '../spark.js';
import { standing } from '../consumerstory.js';
import { assetOf, openAsset } from '../streampane.js';
import { makeTake } from '../take.js';
import { detailPane, incompleteText, listTable, poll, problemLine, searchBox, viewHead } from '../view.js';
import * as url from '../url.js';

const streamColumns = [
  text('name', 'Stream', 12, (row) => row.name, { title: (row) => row.gone ?? row.name }),
  text('sort', 'Kind', 5.5, (row) => kindOf(row)),
  text('account', 'Account', 8, (row) => row.account),
  text('leader', 'Leader', 8, (row) => row.gone ? `was ${row.leader || row.server}` : row.leader || (row.clustered ? 'no leader' : row.server), { title: (row) => row.gone ?? row.leader, className: (row) => row.gone || (row.clustered && !row.leader) ? 'bad' : '' }),
  text('replicas', 'Replicas', 8, (row) => row.replicas),
  against('messages', 'Messages', 7, (row) => row.state?.messages, (row) => row.config?.max_msgs, f.count),
  against('bytes', 'Bytes', 7, (row) => row.state?.bytes, (row) => row.config?.max_bytes, f.bytes),
  figure('rate', 'Msgs in', 6, (row) => row.rates?.stored, f.perSecond),
  figure('consumers', 'Consumers', 6, (row) => row.state?.consumer_count, f.count),
  figure('lag', 'Lag', 5, (row) => row.lag, f.count, { title: 'Most operations a replica is behind' }),
  figure('last', 'Last message', 7, (row) => row.state?.last_ts, f.ago),
];
const consumerColumns = [
  text('name', 'Consumer', 12, (row) => row.name),
  text('stream', 'Stream', 10, (row) => row.stream_name),
  text('account', 'Account', 8, (row) => row.account),
  text('leader', 'Leader', 7, (row) => row.cluster?.leader),
  { ...text('standing', 'Stands', 12, (row) => row.gone ? 'not known' : standing(row, row.rates).words, { className: (row) => row.gone ? '' : standing(row, row.rates).tone }) },
  figure('pending', 'Pending', 6, (row) => row.num_pending, f.count),
  figure('ack', 'Not acked', 6, (row) => row.num_ack_pending, f.count),
  figure('redelivered', 'Redelivered', 6, (row) => row.num_redelivered, f.count),
  figure('waiting', 'Waiting pulls', 7, (row) => row.num_waiting, f.count),
  figure('delivered', 'Delivered', 7, (row) => row.delivered?.consumer_seq, f.count),
];
/** What a stream is for: key-value buckets and object stores are streams with a name of their own kind. */
const kindOf = (row) => row.name.startsWith('KV_') ? 'KV' : row.name.startsWith('OBJ_') ? 'objects' : 'stream';

/**
 * What was there a while ago and is told by nobody now stays, marked as gone, while a server that could tell is silent: `isSilent(name)`.
 * @param {Map<string, { row: any, at: number }>} known
 */
export function withGone(rows, known, isSilent, time, keep = 900) {
  const here = new Set(rows.map((row) => row.key));
  for (const row of rows) known.set(row.key, { row, at: time });
  const gone = [];
  for (const [key, { row, at }] of known) {
    if (here.has(key)) continue;
    const holders = [row.leader ?? row.cluster?.leader ?? row.server, ...(row.cluster?.replicas ?? []).map((peer) => peer.name)].filter(Boolean);
    if (time - at > keep || !holders.some(isSilent)) known.delete(key);
    else gone.push({ ...row, stale: true, rates: undefined, gone: `No server that answers has it (it was on ${holders.join(', ')}); this is as of ${f.duration(Math.max(1, Math.round(time - at)))} ago.` });
  }
  return [...rows, ...gone];
}

const texts = (row) => [row.name, row.account, row.stream_name];

/** Streams and consumers of a jsz document, in which the gateway has put each once, as its leader reports it. */
export function collect(document, server = '') {
  const streams = [];
  const consumers = [];
  // An account's own document is what stands for it in a server's.
  for (const account of document.account_details ?? (document.stream_detail ? [document] : [])) {
    for (const stream of account.stream_detail ?? []) {
      const key = `${account.id ?? account.name} ${stream.name}`;
      const peers = stream.cluster?.replicas ?? [];
      const trouble = peers.filter((peer) => peer.offline || !peer.current).map((peer) => `${peer.name} ${peer.offline ? 'offline' : 'behind'}`);
      streams.push({
        ...stream, key, account: account.name, server, leader: stream.cluster?.leader, clustered: Boolean(stream.cluster?.name),
        replicas: trouble.length ? trouble.join(', ') : `${peers.length + 1} of ${stream.config?.num_replicas ?? peers.length + 1}`,
        lag: peers.length ? Math.max(...peers.map((peer) => peer.lag ?? 0)) : undefined,
      });
      for (const consumer of stream.consumer_detail ?? []) consumers.push({ ...consumer, stream_name: consumer.stream_name ?? stream.name, key: `${key} ${consumer.name}`, account: account.name });
    }
  }
  return { streams, consumers };
}

export function mount(root, { store, state }) {
  const isAccount = store.scope.kind === 'account';
  let data;
  let present = state;
  let servers;
  const rates = new Rates({ stored: (row) => row.state?.last_seq });
  const consumerRates = new Rates({ delivered: (row) => row.delivered?.stream_seq, acked: (row) => row.ack_floor?.stream_seq });
  const known = { streams: new Map(), consumers: new Map() };
  const isSilent = (name) => !store.inScope().some((server) => server.name === name && server.statsz !== undefined);
  const head = viewHead('JetStream');
  const find = searchBox('Find a stream or consumer');
  const headline = h('p', { class: 'lead' });
  const problem = problemLine();
  const serverTable = h('div', {});
  const tables = {
    streams: listTable({ caption: 'Streams', columns: streamColumns, key: (row) => row.key, opens: (row) => `${row.account}/${row.name}`, texts, parameter: 'streams', sort: { key: 'name', direction: 'ascending' } }),
    consumers: listTable({ caption: 'Consumers', columns: consumerColumns, key: (row) => row.key, opens: (row) => `${row.account}/${row.stream_name}/${row.name}`, texts, parameter: 'consumers', sort: { key: 'pending', direction: 'descending' } }),
  };
  const section = (title, ...content) => h('section', { class: 'section' }, h('h2', {}, title), content);
  const lists = [section('Streams', tables.streams.element), section('Consumers', tables.consumers.element)];
  const detail = detailPane(root, h('div', {}, lists), (element, id, close) => pane = openAsset(element, id, store, () => found(id), close));
  const take = makeTake({ name: 'Streams', columns: () => streamColumns, rows: () => shown.streams ?? [], path: () => `${store.scope.path}${isOne ? '' : '/merged'}/jsz${options}` });
  let pane;
  const shown = { streams: [], consumers: [] };
  append(root, [head.element, headline, problem.element, isAccount ? null : section('Servers', serverTable), h('div', { class: 'toolbar section' }, find.element, h('span', { class: 'grow' }), take), detail.element]);

  /** What the pane shows of a stream or a consumer. */
  function found(id) {
    const { account, stream, consumer } = assetOf(id);
    const of = (row) => row.account === account && (row.stream_name ?? row.name) === stream;
    const own = data?.streams.find((row) => row.account === account && row.name === stream);
    const consumers = (data?.consumers ?? []).filter(of);
    const one = consumers.find((row) => row.name === consumer);
    return { stream: own, consumers, consumer: one, rates: consumer ? one?.rates : own?.rates, isLoaded: data !== undefined };
  }

  const isOne = store.scope.kind === 'server';
  const options = query({ accounts: isAccount ? '' : 1, streams: 1, consumers: 1, config: 1 });
  const stops = [poll(store, 5, {
    path: () => `${store.scope.path}${isOne ? '' : '/merged'}/jsz${options}`, problem, consequence: 'Streams led there show an older state.',
    take(document) {
      data = collect(document, isOne ? store.scope.name : '');
      const grown = rates.take(data.streams, (row) => row.key, f.parseTime(document.now) ?? Date.now() / 1000);
      for (const row of data.streams) row.rates = grown.get(row.key);
      const read = consumerRates.take(data.consumers, (row) => row.key, f.parseTime(document.now) ?? Date.now() / 1000);
      for (const row of data.consumers) {
        const own = read.get(row.key);
        const stored = data.streams.find((stream) => stream.account === row.account && stream.name === row.stream_name)?.rates?.stored;
        row.rates = own && { ...own, stored };
      }
      const time = f.now();
      data = { streams: withGone(data.streams, known.streams, isSilent, time), consumers: withGone(data.consumers, known.consumers, isSilent, time) };
    },
    done: show,
  })];
  // What each server has and holds: of an account that is nobody's business.
  if (!isAccount) {
    stops.push(store.every(5, async (signal) => {
      const answer = await gather(store.scope, 'jsz', {}, { signal });
      servers = answer.servers.filter((each) => each.data);
      if (problem.isEmpty()) problem.show(incompleteText(answer.completeness));
      show();
    }));
  }

  function show() {
    setText(headline, words());
    const answered = new Set((servers ?? []).map((each) => each.server.name));
    if (servers) showServers(serverTable, servers, store.inScope().filter((server) => server.jetstream && !answered.has(server.name) && server.state !== 'gone'));
    const wanted = tables.streams.wanted();
    if (data) for (const [name, empty] of [['streams', 'There is no stream.'], ['consumers', 'There is no consumer.']]) shown[name] = tables[name].show(data[name], { empty: wanted ? 'None fits.' : empty, select: selected(name) });
    pane?.show?.();
    for (const list of lists) list.hidden = !data || servers?.every((each) => each.data.disabled);
  }

  /** The key of the row that is open. */
  function selected(name) {
    const id = present.parameters.get('open');
    if (!id) return undefined;
    const { account, stream, consumer } = assetOf(id);
    return data[name].find((row) => row.account === account && (name === 'streams' ? !consumer && row.name === stream : row.stream_name === stream && row.name === consumer))?.key;
  }

  function words() {
    if (!data && !servers) return problem.isEmpty() ? 'Asking …' : '';
    const counts = data ? `${f.plural(data.streams.length, 'stream')} and ${f.plural(data.consumers.length, 'consumer')}` : '';
    if (isAccount) return `${counts} of this account.`;
    if (!servers) return `${counts}.`;
    const enabled = servers.filter((each) => !each.data.disabled);
    if (servers.length === 0) return 'No server answered.';
    if (enabled.length === 0) return `JetStream is disabled on ${servers.length === 1 ? 'this server' : `all ${f.count(servers.length)} servers`}. A server with a jetstream block in its configuration would show its streams here.`;
    const leader = enabled.map((each) => each.data.meta_cluster?.leader).find(Boolean);
    const group = leader ? `The meta group is led by ${leader}` : enabled.some((each) => each.data.meta_cluster) ? 'The meta group has no leader' : 'Not clustered';
    const off = servers.length - enabled.length;
    return `${group}. ${counts ? `${counts} on ` : ''}${f.plural(enabled.length, 'server')}${off ? `; disabled on ${f.count(off)}` : ''}.`;
  }

  function update(next) {
    present = next;
    detail.show(next.parameters.get('open') ?? '');
    for (const table of Object.values(tables)) table.update(next.parameters);
    find.update(next.parameters);
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      for (const stop of stops) stop();
      detail.destroy();
      for (const table of Object.values(tables)) table.destroy();
    },
  };
}

/** @type {[string, (data: any) => any][]} */
const figures = [['Streams', (data) => data.streams], ['Consumers', (data) => data.consumers], ['API requests', (data) => data.api?.total], ['API errors', (data) => data.api?.errors], ['Raft groups', (data) => data.ha_assets]];

function showServers(container, servers, silent) {
  const bounded = (used, limit) => {
    const bar = barCell();
    bar.show(limit > 0 ? `${f.bytes(used)} of ${f.bytes(limit)}` : f.bytes(used), limit > 0 ? used / limit : 0, `${f.exact(used)} of ${f.exact(limit)}`, true);
    return h('td', {}, bar);
  };
  const head = [...['Server', 'Cluster', 'Memory', 'Disk'].map((label) => h('th', { scope: 'col' }, label)), ...figures.map(([label]) => h('th', { scope: 'col', class: 'num' }, label))];
  replace(container, h('table', { class: 'plain' }, h('thead', {}, h('tr', {}, head)),
    h('tbody', {}, servers.map(({ server, data }) => h('tr', {},
      h('td', {}, h('a', { href: url.link('servers', { open: server.name }) }, server.name), data.meta_cluster?.leader === server.name ? h('span', { class: 'tag' }, 'meta leader') : null), h('td', {}, server.cluster),
      data.disabled ? h('td', { colspan: 2 + figures.length, class: 'quiet' }, 'disabled')
        : [bounded(data.memory, data.config?.max_memory), bounded(data.storage, data.config?.max_storage), figures.map(([, value]) => h('td', { class: 'num', title: f.exact(value(data)) }, f.count(value(data))))])),
      silent.map((server) => h('tr', { class: 'stale' }, h('td', {}, h('a', { href: url.link('servers', { open: server.name }) }, server.name)), h('td', {}, server.cluster), h('td', { colspan: 2 + figures.length }, `has not answered, last heard ${f.ago(server.last_seen)}`))))));
}
