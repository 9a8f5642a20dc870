// What happens, as it happens: how much when, what repeats as one line, a gap as a line of its own, a storm summed up.

import { paced } from '../pace.js';
import { h, s, replace, setText, copyText, announce } from '../dom.js';
import { query } from '../api.js';
import { grouped, groupText, histogram, isTrouble } from '../eventgroups.js';
import * as f from '../format.js';
import { placed } from '../place.js';
import { makeTable } from '../table.js';
import { makeTake } from '../take.js';
import { makeTree } from '../tree.js';
import { detailHead, searchBox, viewHead } from '../view.js';
import * as url from '../url.js';

const kinds = [
  ['connect', 'connected'], ['disconnect', 'disconnected'], ['auth_error', 'login refused'], ['connections', 'account connections'], ['leafnode_connect', 'leafnode connected'],
  ['shutdown', 'shut down'], ['lame_duck', 'entered lame duck'], ['ocsp_reject', 'certificate revoked'], ['server', 'server state'], ['other', 'other'],
];
const words = { ...Object.fromEntries(kinds), gap: 'gap', storm: 'storm' };
const standard = ['connect', 'disconnect', 'auth_error', 'leafnode_connect', 'shutdown', 'lame_duck', 'ocsp_reject', 'server', 'other'];
const always = ['gap', 'storm'];
const kept = 5000;
const bars = 60;
const looks = { shutdown: 'bad', gap: 'bad' };

const columns = [
  { key: 'time', label: 'Time', width: 6, sort: false, value: (row) => row.received, show: (cell, row) => { setText(cell, f.clockTime(row.received)); cell.title = row.received; } },
  { key: 'type', label: 'What', width: 10, sort: false, value: (row) => words[row.type] ?? row.type, show: (cell, row) => { setText(cell, `${isTrouble(row) ? '! ' : ''}${words[row.type] ?? row.type}`); cell.className = looks[row.type] ?? (isTrouble(row) ? 'warn' : ''); } },
  { key: 'server', label: 'Server', width: 7, sort: false, value: (row) => row.servers.join(', '), show: (cell, row) => setText(cell, row.servers.join(', ')) },
  { key: 'account', label: 'Account', width: 7, sort: false, value: (row) => row.account, show: (cell, row) => setText(cell, row.account ?? '') },
  { key: 'client', label: 'Client', width: 12, sort: false, value: (row) => row.client, show: (cell, row) => { setText(cell, row.names.size > 1 ? `${f.count(row.names.size)} like ${row.client}` : row.client ?? ''); cell.title = [...row.names].slice(0, 30).join(', '); } },
  { key: 'text', label: 'Detail', width: 32, sort: false, value: (row) => groupText(row, sentence(row)), show: (cell, row) => { setText(cell, groupText(row, sentence(row))); cell.title = cell.textContent; } },
];

/** An event in words. */
export function sentence(row) {
  const body = row.event ?? {};
  const client = body.client ?? {};
  const who = [client.host, client.user && `user ${client.user}`, [client.lang, client.ver].filter(Boolean).join(' ')].filter(Boolean).join(', ');
  if (row.type === 'gap') return row.description ?? body.description ?? 'Events may be missing here.';
  if (row.type === 'storm') {
    const most = (list, word) => (list ?? []).length ? `, ${word} ${list.slice(0, 3).map((each) => `${each.name || 'unnamed'} (${f.count(each.count)})`).join(', ')}` : '';
    return `${body.description ?? ''}${most(body.clients, 'most from')}${most(body.hosts, 'at')}${most(body.reasons, 'because of')}`;
  }
  if (row.type === 'server') return `${body.before ? `${body.before} → ` : 'appeared, '}${body.state ?? ''}${body.reason ? `: ${body.reason}` : ''}`;
  if (row.type === 'connect') return who;
  if (row.type === 'disconnect') return `${body.reason ?? ''} · ${f.count(body.sent?.msgs ?? 0)} msgs sent, ${f.count(body.received?.msgs ?? 0)} received · ${who}`;
  if (row.type === 'auth_error') return `${body.reason ?? ''} · ${who}`;
  if (row.type === 'connections') return `${f.plural(body.conns ?? 0, 'connection')}, ${f.plural(body.leafnodes ?? 0, 'leafnode')}`;
  return row.subject ?? '';
}

export function mount(root, { store, state }) {
  let present = state;
  let rows = [];
  let lastShown = [];
  let source;
  let askedFor;
  let sequence = 0;
  const head = viewHead('Events');
  const types = h('fieldset', { class: 'row types' }, h('legend', { class: 'visually-hidden' }, 'Kinds'), kinds.map(([type, label]) => h('label', {}, h('input', { type: 'checkbox', value: type, onchange: chooseTypes }), label)));
  const find = searchBox('Find in what is shown', 'Find in events', 150);
  const fields = ['account', 'server', 'client'].map((name) => h('input', { type: 'text', placeholder: name, 'aria-label': `Only this ${name}`, name, size: 10, onchange: (event) => url.patch({ [name]: event.target.value.trim() }) }));
  const each = h('input', { type: 'checkbox', onchange: () => url.patch({ each: each.checked ? '1' : '' }) });
  const pause = h('button', { type: 'button', onclick: () => store.setLive(!store.live) });
  const clear = h('button', { type: 'button', onclick: () => { rows = []; show(); } }, 'Clear');
  const picture = s('svg', { class: 'histogram', role: 'img', preserveAspectRatio: 'none', viewBox: `0 0 ${bars * 10} 56` });
  const past = h('p', { class: 'notice', hidden: true });
  const detail = h('aside', { class: 'detail', hidden: true, 'aria-label': 'The event' });
  const table = makeTable(columns, { caption: 'Events', key: (row) => row.key, onOpen: (row) => url.patch({ open: present.parameters.get('open') === idOf(row) ? '' : idOf(row) }, {}) });
  const take = makeTake({ name: 'Events', columns: () => columns, rows: () => lastShown, path: () => askedFor ?? '/events' });
  const split = h('div', { class: 'split' }, table.element, detail);
  root.append(head.element, past, picture, types, h('div', { class: 'toolbar' }, find.element, fields, h('label', { class: 'row' }, each, 'each by itself'), pause, clear, h('span', { class: 'grow' }), take), split);
  const close = () => url.patch({ open: '' });
  root.addEventListener('close-detail', close);

  /** What an event is called in the URL: its id in the gateway's stream, by which it comes back as long as it is kept. */
  const idOf = (row) => row.id ?? '';

  function chooseTypes() {
    const chosen = [...types.querySelectorAll('input:checked')].map((box) => box.value);
    url.patch({ type: chosen.join(',') === standard.join(',') ? '' : chosen.join(',') });
  }

  const chosenTypes = () => (present.parameters.get('type') ?? '').split(',').filter(Boolean);

  function connect() {
    // What is paused, past or not seen asks for nothing.
    if (!store.live || store.moment || document.hidden) return disconnect();
    const wanted = chosenTypes().length ? chosenTypes() : standard;
    const { kind, name } = store.scope;
    const path = `${kind === 'account' ? store.scope.path : ''}/events${query({
      type: wanted.join(','), account: present.parameters.get('account'), server: present.parameters.get('server') || (kind === 'server' ? name : ''), cluster: kind === 'cluster' ? name : '', client: present.parameters.get('client'), replay: 1000,
    })}`;
    if (path === askedFor && source) return undefined;
    disconnect();
    askedFor = path;
    rows = [];
    source = new EventSource(placed(path));
    for (const [type] of kinds) source.addEventListener(type, take_);
    for (const type of always) source.addEventListener(type, take_);
    source.addEventListener('cut', (message) => head.note(JSON.parse(message.data).description));
    source.onopen = () => head.note('listening');
    source.onerror = () => {
      head.note(source.readyState === EventSource.CLOSED ? 'The gateway refused the event stream.' : 'The stream broke off; trying again.');
    };
    return undefined;
  }

  function disconnect() {
    source?.close();
    source = undefined;
  }

  function take_(message) {
    let event;
    try {
      event = JSON.parse(message.data);
    } catch {
      return;
    }
    event.type ??= message.type;
    event.id = message.lastEventId;
    event.key = `${message.lastEventId} ${sequence += 1}`;
    rows.unshift(event);
    if (rows.length > kept) rows.length = kept;
    later();
  }

  const later = paced(show, 100);

  function show() {
    const wanted = (present.parameters.get('q') ?? '').trim().toLowerCase();
    const fitting = wanted ? rows.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted)) : rows;
    const single = present.parameters.get('each') === '1';
    const shown = lastShown = single ? fitting.map((row) => ({ ...row, count: 1, servers: row.server?.name ? [row.server.name] : [], names: new Set(row.client ? [row.client] : []) })) : grouped(fitting);
    setText(pause, store.live ? 'Pause' : 'Go on');
    pause.hidden = Boolean(store.moment);
    setText(past, store.moment ? 'Events are told as they happen; what happened before a moment that is recorded stands in the bar of time and on the overview.' : '');
    past.hidden = !store.moment;
    const opened = present.parameters.get('open') ?? '';
    const open = opened ? shown.find((row) => idOf(row) === opened) ?? rows.find((row) => idOf(row) === opened) : undefined;
    table.show(shown, { select: open?.key, empty: store.moment ? '' : source ? (wanted ? 'No event fits.' : 'Nothing has happened yet. An event appears when a client connects, leaves or is refused, and when a server stops.') : store.live ? 'Not listening.' : 'Paused.' });
    showDetail(opened, open);
    drawHistogram(fitting);
    if (source?.readyState === EventSource.OPEN || !store.live) {
      head.note([store.live ? '' : 'paused', fitting.length < rows.length ? `${f.count(fitting.length)} of ${f.plural(rows.length, 'event')}` : f.plural(rows.length, 'event'), shown.length < fitting.length ? `in ${f.plural(shown.length, 'line')}` : '', rows.length === kept ? 'older ones dropped' : ''].filter(Boolean).join(', '));
    }
  }

  function drawHistogram(fitting) {
    const until = f.now();
    const oldest = f.parseTime(fitting.at(-1)?.received) ?? until - 60;
    const from = Math.min(until - 60, oldest);
    const counts = histogram(fitting, from, until, bars);
    const most = Math.max(1, ...counts.map((bar) => bar.all));
    picture.toggleAttribute('hidden', fitting.length === 0);
    picture.setAttribute('aria-label', `${f.plural(fitting.length, 'event')} in ${f.duration(Math.round(until - from))}, at most ${f.count(most)} in ${f.duration((until - from) / bars)}`);
    const bar = (count, index, className) => count ? s('rect', { class: className, x: index * 10, width: 9, y: 55 - (count / most) * 52, height: (count / most) * 52 + 1 }, s('title', {}, `${f.plural(counts[index].all, 'event')}, ${f.count(counts[index].trouble)} of trouble, at ${f.clockTime(new Date((from + (index + 0.5) * (until - from) / bars) * 1000).toISOString())}`)) : null;
    replace(picture, counts.map((each_, index) => [bar(each_.all, index, ''), bar(each_.trouble, index, 'trouble')]));
  }

  const tree = makeTree({ onCopy: async (value) => announce(await copyText(value) ? 'Copied' : 'Not copied') });
  let shownID;
  function showDetail(id, row) {
    detail.hidden = !id;
    split.classList.toggle('open', Boolean(id));
    if (id === shownID && (row || !id)) return;
    if (!row) {
      shownID = undefined;
      if (id) replace(detail, detailHead('Event', close), h('p', { class: 'quiet' }, 'This event is not among those that the gateway still tells.'));
      return;
    }
    shownID = id;
    tree.clear();
    replace(detail, detailHead(words[row.type] ?? row.type, close), h('p', { class: 'mono quiet' }, row.subject ?? ''),
      row.client ? h('p', { class: 'row' }, h('a', { href: url.link('connections', { q: row.client }) }, 'Its connections'), h('a', { href: url.link('connections', { state: 'closed', group: 'client', q: row.client }) }, 'Its earlier ones')) : null, tree.element);
    tree.show(row.event ?? row, Date.now() / 1000);
  }

  // A hidden page asks for nothing; what it missed comes from the gateway's ring when it is seen again.
  const follow = () => {
    connect();
    show();
  };
  document.addEventListener('visibilitychange', follow);
  let live = store.live;
  const changed = () => {
    if (store.live === live) return;
    live = store.live;
    follow();
  };
  store.addEventListener('change', changed);

  function update(next) {
    present = next;
    const wanted = chosenTypes().length ? chosenTypes() : standard;
    for (const box of types.querySelectorAll('input')) box.checked = wanted.includes(box.value);
    for (const field of fields) if (document.activeElement !== field) field.value = next.parameters.get(field.name) ?? '';
    each.checked = next.parameters.get('each') === '1';
    find.update(next.parameters);
    connect();
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      disconnect();
      find.destroy();
      document.removeEventListener('visibilitychange', follow);
      store.removeEventListener('change', changed);
      root.removeEventListener('close-detail', close);
      table.destroy();
    },
  };
}
