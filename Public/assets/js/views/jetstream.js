// JetStream: who leads, how full it is, and every stream and consumer as its leader sees it.

import { h, replace, setText } from '../dom.js';
import { gather } from '../api.js';
import * as f from '../format.js';
import { barCell } from '../spark.js';
import { makeTable, sortRows, parseSort, nextSort, sortText } from '../table.js';
import * as url from '../url.js';

const text = (value) => ({ value, show(cell, row) { setText(cell, value(row) || '—'); cell.title = value(row) ?? ''; } });
const figure = (value, format) => ({ value, number: true, show(cell, row) { setText(cell, format(value(row))); cell.title = f.exact(value(row)); } });
const against = (value, limit, format) => ({
  value, number: true,
  create(cell) { cell.append(cell.bar_ = barCell()); },
  show(cell, row) {
    const bound = limit(row);
    cell.bar_.show(format(value(row)), bound > 0 ? value(row) / bound : 0, bound > 0 ? `${f.exact(value(row))} of ${f.exact(bound)}` : `${f.exact(value(row))}, no limit`, true);
  },
});

const streamColumns = [
  { key: 'name', label: 'Stream', width: 12, ...text((row) => row.name) },
  { key: 'account', label: 'Account', width: 8, ...text((row) => row.account) },
  { key: 'leader', label: 'Leader', width: 7, value: (row) => row.leader, show(cell, row) { setText(cell, row.leader || (row.clustered ? 'no leader' : row.server)); cell.className = row.clustered && !row.leader ? 'bad' : ''; } },
  { key: 'replicas', label: 'Replicas', width: 8, ...text((row) => row.replicas) },
  { key: 'messages', label: 'Messages', width: 7, ...against((row) => row.state.messages, (row) => row.config?.max_msgs ?? 0, f.count) },
  { key: 'bytes', label: 'Bytes', width: 7, ...against((row) => row.state.bytes, (row) => row.config?.max_bytes ?? 0, f.bytes) },
  { key: 'rate', label: 'Msgs in', width: 6, ...figure((row) => row.rate, f.perSecond) },
  { key: 'consumers', label: 'Consumers', width: 6, ...figure((row) => row.state.consumer_count, f.count) },
  { key: 'lag', label: 'Lag', width: 5, title: 'Most operations a replica is behind', ...figure((row) => row.lag, f.count) },
  { key: 'last', label: 'Last message', width: 7, value: (row) => row.state.last_ts, number: true, show(cell, row) { setText(cell, f.ago(row.state.last_ts)); } },
];
const consumerColumns = [
  { key: 'name', label: 'Consumer', width: 12, ...text((row) => row.name) },
  { key: 'stream', label: 'Stream', width: 10, ...text((row) => row.stream_name) },
  { key: 'account', label: 'Account', width: 8, ...text((row) => row.account) },
  { key: 'leader', label: 'Leader', width: 7, ...text((row) => row.cluster?.leader) },
  { key: 'pending', label: 'Pending', width: 6, ...figure((row) => row.num_pending, f.count) },
  { key: 'ack', label: 'Not acked', width: 6, ...figure((row) => row.num_ack_pending, f.count) },
  { key: 'redelivered', label: 'Redelivered', width: 6, ...figure((row) => row.num_redelivered, f.count) },
  { key: 'waiting', label: 'Waiting pulls', width: 7, ...figure((row) => row.num_waiting, f.count) },
  { key: 'delivered', label: 'Delivered', width: 7, ...figure((row) => row.delivered?.consumer_seq, f.count) },
];

export function mount(root, { store, state }) {
  let present = state;
  let data;
  let before = new Map();
  const find = h('input', { type: 'search', placeholder: 'Find a stream or consumer', 'aria-label': 'Find a stream or consumer' });
  const headline = h('p', { class: 'lead' });
  const problem = h('p', { class: 'bad' });
  const servers = h('div', { class: 'scroll-x' });
  const sorts = { streams: { key: 'name', direction: 'ascending' }, consumers: { key: 'pending', direction: 'descending' } };
  const tables = {
    streams: makeTable(streamColumns, { caption: 'Streams', key: (row) => row.key, onSort: (key, column) => url.patch({ streams: sortText(nextSort(sorts.streams, column)) }) }),
    consumers: makeTable(consumerColumns, { caption: 'Consumers', key: (row) => row.key, onSort: (key, column) => url.patch({ consumers: sortText(nextSort(sorts.consumers, column)) }) }),
  };
  const streams = h('section', { class: 'section' }, h('h2', {}, 'Streams'), h('div', { class: 'scroll-x' }, tables.streams.element));
  const consumers = h('section', { class: 'section' }, h('h2', {}, 'Consumers'), h('div', { class: 'scroll-x' }, tables.consumers.element));
  root.append(h('div', { class: 'head' }, h('h1', {}, 'JetStream')), headline, problem, h('section', { class: 'section' }, h('h2', {}, 'Servers'), servers), h('div', { class: 'toolbar section' }, find), streams, consumers);
  find.addEventListener('input', () => url.patch({ q: find.value }));

  const stop = store.every(5, async (signal) => {
    const isAccount = store.scope.kind === 'account';
    try {
      const answer = await gather(store.scope, 'jsz', { accounts: isAccount ? '' : 1, streams: 1, consumers: 1, config: 1 }, { signal });
      // An account's document is what stands for it in a server's.
      const replies = answer.servers.filter((each) => each.data).map((each) => isAccount ? { ...each, data: { ...each.data, account_details: [each.data] } } : each);
      data = collect(replies, before, Date.now() / 1000);
      before = data.before;
      setText(problem, answer.completeness?.complete === false ? `Not every server answered: ${(answer.completeness.missing ?? []).map((each) => each.name).join(', ')}. Streams led there show an older state.` : '');
    } catch (error) {
      if (error.name !== 'AbortError') setText(problem, error.message);
      show();
      throw error;
    }
    show();
  });

  function show() {
    if (!data) {
      setText(headline, problem.textContent ? '' : 'Asking …');
      return;
    }
    const enabled = data.servers.filter((each) => !each.data.disabled);
    const isAccount = store.scope.kind === 'account';
    servers.parentElement.hidden = isAccount;
    if (enabled.length === 0) setText(headline, data.servers.length ? `JetStream is disabled on ${data.servers.length === 1 ? 'this server' : `all ${f.count(data.servers.length)} servers`}. A server with a jetstream block in its configuration would show its streams here.` : 'No server answered.');
    else if (isAccount) setText(headline, `${f.plural(data.streams.length, 'stream')} and ${f.plural(data.consumers.length, 'consumer')} of this account.`);
    else setText(headline, `${data.leader ? `The meta group is led by ${data.leader}` : enabled.some((each) => each.data.meta_cluster) ? 'The meta group has no leader' : 'Not clustered'}. ${f.plural(data.streams.length, 'stream')} and ${f.plural(data.consumers.length, 'consumer')} on ${f.plural(enabled.length, 'server')}${data.servers.length > enabled.length ? `; disabled on ${f.count(data.servers.length - enabled.length)}` : ''}.`);
    showServers(servers, data.servers);
    const wanted = (present.parameters.get('q') ?? '').toLowerCase();
    const fits = (row) => !wanted || row.name.toLowerCase().includes(wanted) || row.account.toLowerCase().includes(wanted) || row.stream_name?.toLowerCase().includes(wanted);
    for (const [name, columns, empty] of [['streams', streamColumns, 'There is no stream.'], ['consumers', consumerColumns, 'There is no consumer.']]) {
      const sort = sorts[name];
      tables[name].show(sortRows(data[name].filter(fits), columns.find((column) => column.key === sort.key).value, sort.direction), { sorted: sort, empty: wanted ? 'None fits.' : empty });
    }
    streams.hidden = consumers.hidden = enabled.length === 0;
  }

  function update(next) {
    present = next;
    sorts.streams = parseSort(next.parameters.get('streams'), streamColumns, sorts.streams);
    sorts.consumers = parseSort(next.parameters.get('consumers'), consumerColumns, sorts.consumers);
    if (document.activeElement !== find) find.value = next.parameters.get('q') ?? '';
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      stop();
      tables.streams.destroy();
      tables.consumers.destroy();
    },
  };
}

/** Every stream and consumer once: as its leader reports it, or else as whoever knows most of it does. */
function collect(servers, before, now) {
  const streams = new Map();
  const consumers = new Map();
  let leader;
  for (const { server, data } of servers) {
    if (data.meta_cluster?.leader) leader = data.meta_cluster.leader;
    for (const account of data.account_details ?? []) {
      for (const stream of account.stream_detail ?? []) {
        const key = `${account.id ?? account.name} ${stream.name}`;
        const isLeader = stream.cluster?.leader ? stream.cluster.leader === server.name : true;
        const known = streams.get(key);
        if (!known || (isLeader && !known.isLeader)) {
          const peers = stream.cluster?.replicas ?? [];
          const trouble = peers.filter((peer) => peer.offline || !peer.current).map((peer) => `${peer.name} ${peer.offline ? 'offline' : 'behind'}`);
          streams.set(key, {
            ...stream, key, account: account.name, server: server.name, isLeader, leader: stream.cluster?.leader, clustered: Boolean(stream.cluster?.name),
            replicas: trouble.length ? trouble.join(', ') : `${peers.length + 1} of ${stream.config?.num_replicas ?? peers.length + 1}`, lag: peers.length ? Math.max(...peers.map((peer) => peer.lag ?? 0)) : undefined,
          });
        }
        for (const consumer of stream.consumer_detail ?? []) {
          const name = `${key} ${consumer.name}`;
          const leads = consumer.cluster?.leader ? consumer.cluster.leader === server.name : true;
          if (!consumers.has(name) || (leads && !consumers.get(name).leads)) consumers.set(name, { ...consumer, key: name, account: account.name, leads });
        }
      }
    }
  }
  const after = new Map();
  for (const stream of streams.values()) {
    const past = before.get(stream.key);
    if (past && now - past.now > 0.5) stream.rate = Math.max(0, (stream.state.last_seq - past.last) / (now - past.now));
    else stream.rate = past?.rate;
    after.set(stream.key, { now, last: stream.state.last_seq, rate: stream.rate });
  }
  return { servers, leader, streams: [...streams.values()], consumers: [...consumers.values()], before: after };
}

function showServers(container, servers) {
  const bounded = (used, limit) => {
    const bar = barCell();
    bar.show(limit > 0 ? `${f.bytes(used)} of ${f.bytes(limit)}` : f.bytes(used), limit > 0 ? used / limit : 0, `${f.exact(used)} of ${f.exact(limit)}`, true);
    return bar;
  };
  replace(container, h('table', { class: 'plain' }, h('thead', {}, h('tr', {}, ['Server', 'Cluster', 'Memory', 'Disk', 'Streams', 'Consumers', 'API requests', 'API errors', 'Raft groups'].map((label, index) => h('th', { scope: 'col', class: index > 3 ? 'num' : '' }, label)))),
    h('tbody', {}, servers.map(({ server, data }) => h('tr', {}, h('td', {}, h('a', { href: url.link('servers', { open: server.name }) }, server.name), data.meta_cluster?.leader === server.name ? h('span', { class: 'tag' }, 'meta leader') : null), h('td', {}, server.cluster),
      data.disabled ? h('td', { colspan: 7, class: 'quiet' }, 'disabled')
        : [h('td', {}, bounded(data.memory, data.config?.max_memory)), h('td', {}, bounded(data.storage, data.config?.max_storage)), [data.streams, data.consumers, data.api?.total, data.api?.errors, data.ha_assets].map((value) => h('td', { class: 'num', title: f.exact(value) }, f.count(value)))])))));
}
