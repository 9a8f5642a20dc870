// JetStream: who leads, how full it is, and every stream and consumer as its leader sees it; searched, sorted and judged by the gateway.

import { append, h, replace, setText } from '../dom.js';
import { gather, query } from '../api.js';
import { text, figure, against } from '../columns.js';
import * as f from '../format.js';
import { barCell } from '../spark.js';
import { assetOf, openAsset, tones } from '../streampane.js';
import { nextSort, parseSort, sortText } from '../table.js';
import { makeTake } from '../take.js';
import { detailPane, incompleteText, listTable, poll, problemLine, searchBox, viewHead } from '../view.js';
import * as url from '../url.js';

const kinds = { stream: 'stream', bucket: 'KV', objects: 'objects' };
const replicasText = ({ current, wanted, troubles }) => troubles?.length ? troubles.join(', ') : `${current} of ${wanted}`;
const place = (row) => row.gone ? `was ${row.gone.holders.join(', ')}` : row.leader || 'no leader';
const placed = { title: (row) => row.gone?.sentence ?? row.leader ?? '', className: (row) => row.gone || !row.leader ? 'bad' : '' };

/** Their keys are what `/streams` and `/consumers` sort by. */
const columns = {
  streams: [
    text('name', 'Stream', 10, (row) => row.name, { title: (row) => row.gone?.sentence ?? row.name }),
    text('kind', 'Kind', 5, (row) => kinds[row.kind] ?? row.kind, { sort: false }),
    text('account', 'Account', 7, (row) => row.account),
    text('leader', 'Leader', 6.4, place, placed),
    text('replicas', 'Replicas', 7, (row) => row.gone ? '' : replicasText(row.replicas), { sort: false, className: (row) => row.replicas.troubles?.length ? 'warn' : '' }),
    against('messages', 'Messages', 7, (row) => row.state?.messages, (row) => row.config?.max_msgs, f.count),
    against('bytes', 'Bytes', 7, (row) => row.state?.bytes, (row) => row.config?.max_bytes, f.bytes),
    figure('rate', 'Msgs in', 6, (row) => row.rates?.stored, f.perSecond),
    figure('consumers', 'Consumers', 6, (row) => row.state?.consumer_count, f.count),
    figure('lag', 'Lag', 5, (row) => row.replicas.lag, f.count, { title: 'Most operations a replica is behind' }),
    figure('last', 'Last message', 7, (row) => row.state?.last_ts, f.ago),
  ],
  consumers: [
    text('name', 'Consumer', 11, (row) => row.name, { title: (row) => row.gone?.sentence ?? row.name }),
    text('stream', 'Stream', 8, (row) => row.stream_name),
    text('account', 'Account', 7, (row) => row.account),
    text('leader', 'Leader', 6.4, place, placed),
    text('standing', 'Stands', 13, (row) => row.gone ? 'not known' : row.standing?.words, { sort: 'descending', title: (row) => (row.holds ?? []).join(' ') || row.standing?.words, className: (row) => tones[row.standing?.state] ?? '' }),
    figure('pending', 'Pending', 5.5, (row) => row.num_pending, f.count),
    figure('ack', 'Not acked', 5.5, (row) => row.num_ack_pending, f.count),
    figure('redelivered', 'Redelivered', 6, (row) => row.num_redelivered, f.count),
    figure('waiting', 'Waiting pulls', 6.5, (row) => row.num_waiting, f.count),
    figure('delivered', 'Delivered', 6, (row) => row.rates?.delivered, f.perSecond),
  ],
};
const standard = { streams: { key: 'name', direction: 'ascending' }, consumers: { key: 'standing', direction: 'descending' } };
const names = ['streams', 'consumers'];
/** In the URL the sort of the consumers stands beside that of the streams. */
const parameterOf = { streams: 'sort', consumers: 'consumers' };
const few = 200;
const all = 10_000;
const keyOf = (row) => `${row.account}/${row.stream_name ?? row.name}${row.stream_name ? `/${row.name}` : ''}`;

export function mount(root, { store, state }) {
  const isAccount = store.scope.kind === 'account';
  let present = state;
  let servers;
  let askedFor;
  /** What was answered last: { streams, consumers }. */
  const told = {};
  const rowsOf = (name) => (told[name]?.[name] ?? []).map((row) => row.gone ? { ...row, stale: true } : row);
  const head = viewHead('JetStream');
  const find = searchBox('Find a stream or consumer', 'Find a stream or consumer', 200);
  const headline = h('p', { class: 'lead' });
  const problem = problemLine();
  const serverTable = h('div', {});
  const sortOf = (name) => parseSort(present.parameters.get(parameterOf[name]), columns[name], standard[name]);
  const tables = Object.fromEntries(names.map((name) => [name, listTable({
    caption: name === 'streams' ? 'Streams' : 'Consumers', columns: columns[name], key: keyOf, opens: keyOf, texts: undefined, parameter: parameterOf[name], sort: standard[name],
    onSort: (_, column) => url.patch({ [parameterOf[name]]: sortText(nextSort(sortOf(name), column)) }),
  })]));
  const notes = Object.fromEntries(names.map((name) => [name, h('p', { class: 'quiet', hidden: true })]));
  const list = (name, title) => h('section', { class: 'section' }, h('h2', {}, title), notes[name], tables[name].element);
  const lists = [list('streams', 'Streams'), list('consumers', 'Consumers')];
  const detail = detailPane(root, h('div', {}, lists), (element, id, close) => openAsset(element, id, store, close));
  const take = makeTake({ name: 'Streams', columns: () => columns.streams, rows: () => rowsOf('streams'), path: () => pathOf('streams') });
  append(root, [head.element, headline, problem.element, isAccount ? null : h('section', { class: 'section' }, h('h2', {}, 'Servers'), serverTable), h('div', { class: 'toolbar section' }, find.element, h('span', { class: 'grow' }), take), detail.element]);

  function pathOf(name) {
    const { key, direction } = sortOf(name);
    return `${store.scope.path}/${name}${query({ match: present.parameters.get('q'), sort: key, order: direction, limit: present.parameters.get('all') === '1' ? all : few })}`;
  }

  const stops = names.map((name) => poll(store, 4, {
    path: () => pathOf(name), problem: name === 'streams' ? problem : problemLine(), consequence: 'What is led there is missing, or shown as it was.',
    take(document) { told[name] = document; },
    done: show,
  }));
  const question = () => names.map(pathOf).join(' ');
  askedFor = question();
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
    for (const name of names) {
      const document = told[name];
      if (!document) continue;
      const rows = rowsOf(name);
      const one = name.slice(0, -1);
      tables[name].show(rows, { sorted: sortOf(name), empty: document.total ? `No ${one} fits “${present.parameters.get('q')}”.` : `There is no ${one}.`, select: present.parameters.get('open') });
      notes[name].hidden = document.matched <= rows.length;
      if (!notes[name].hidden) replace(notes[name], `The first ${f.count(rows.length)} of ${f.count(document.matched)}. `, rows.length < all ? h('a', { href: url.link('jetstream', { ...Object.fromEntries(present.parameters), all: 1 }) }, 'All of them') : null);
    }
    for (const element of lists) element.hidden = !told.streams || Boolean(servers?.length) && servers.every((each) => each.data.disabled);
  }

  function words() {
    if (!told.streams && !servers) return problem.isEmpty() ? 'Asking …' : '';
    const counts = told.streams ? `${f.plural(told.streams.total, 'stream')} and ${f.plural(told.streams.consumers, 'consumer')}` : '';
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
    if (askedFor !== question()) {
      askedFor = question();
      for (const stop of stops.slice(0, names.length)) stop.now();
    }
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      for (const stop of stops) stop();
      find.destroy();
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
