// What happens, as it happens: filterable, pausable; a gap is a visible line, a storm is summed up.

import { h, replace, setText, copyText, announce } from '../dom.js';
import { query } from '../api.js';
import { placed } from '../place.js';
import * as f from '../format.js';
import { makeTable } from '../table.js';
import { makeTree } from '../tree.js';
import * as url from '../url.js';

const kinds = [
  ['connect', 'connected'], ['disconnect', 'disconnected'], ['auth_error', 'login refused'], ['connections', 'account connections'], ['leafnode_connect', 'leafnode connected'],
  ['shutdown', 'shut down'], ['lame_duck', 'entered lame duck'], ['ocsp_reject', 'certificate revoked'], ['server', 'server state'], ['other', 'other'],
];
const standard = ['connect', 'disconnect', 'auth_error', 'leafnode_connect', 'shutdown', 'lame_duck', 'ocsp_reject', 'server', 'other'];
const always = ['gap', 'storm'];
const kept = 5000;

const columns = [
  { key: 'time', label: 'Time', width: 6, sort: false, show: (cell, row) => { setText(cell, f.clockTime(row.received)); cell.title = row.received; } },
  { key: 'type', label: 'What', width: 9, sort: false, show: (cell, row) => { setText(cell, kinds.find(([type]) => type === row.type)?.[1] ?? row.type); cell.className = { auth_error: 'warn', shutdown: 'bad', lame_duck: 'warn', gap: 'bad', storm: 'warn' }[row.type] ?? ''; } },
  { key: 'server', label: 'Server', width: 6, sort: false, show: (cell, row) => setText(cell, row.server?.name ?? '') },
  { key: 'account', label: 'Account', width: 7, sort: false, show: (cell, row) => setText(cell, row.account ?? '') },
  { key: 'client', label: 'Client', width: 11, sort: false, show: (cell, row) => setText(cell, row.client ?? '') },
  { key: 'text', label: 'Detail', width: 30, sort: false, show: (cell, row) => { setText(cell, sentence(row)); cell.title = cell.textContent; } },
];

/** An event in words. */
export function sentence(row) {
  const body = row.event ?? {};
  const client = body.client ?? {};
  const who = [client.host, client.user && `user ${client.user}`, [client.lang, client.ver].filter(Boolean).join(' ')].filter(Boolean).join(', ');
  if (row.type === 'gap') return row.description ?? body.description ?? 'Events may be missing here.';
  if (row.type === 'storm') return `${body.description ?? ''}${(body.clients ?? []).length ? `, most from ${body.clients.map((each) => `${each.name || 'unnamed'} (${f.count(each.count)})`).join(', ')}` : ''}`;
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
  let held = [];
  let source;
  let askedFor;
  let sequence = 0;
  const types = h('fieldset', { class: 'row types' }, h('legend', { class: 'visually-hidden' }, 'Kinds'), kinds.map(([type, label]) => h('label', {}, h('input', { type: 'checkbox', value: type, onchange: chooseTypes }), label)));
  const find = h('input', { type: 'search', placeholder: 'Find in what is shown', 'aria-label': 'Find in events' });
  const fields = ['account', 'server', 'client'].map((name) => h('input', { type: 'text', placeholder: name, 'aria-label': `Only this ${name}`, name, size: 10, onchange: (event) => url.patch({ [name]: event.target.value.trim() }) }));
  const pause = h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => setPaused(!paused) }, 'Pause');
  const clear = h('button', { type: 'button', onclick: () => { rows = []; held = []; show(); } }, 'Clear');
  const note = h('span', { class: 'quiet', role: 'status' });
  const detail = h('aside', { class: 'detail', hidden: true });
  let paused = false;
  let opened;
  const table = makeTable(columns, { caption: 'Events', key: (row) => row.key, onOpen: (row) => open(opened === row ? undefined : row) });
  const split = h('div', { class: 'split' }, h('div', { class: 'scroll-x' }, table.element), detail);
  root.append(h('div', { class: 'head' }, h('h1', {}, 'Events'), note), types, h('div', { class: 'toolbar' }, find, fields, pause, clear), split);
  find.addEventListener('input', show);
  const close = () => open(undefined);
  root.addEventListener('close-detail', close);

  function chooseTypes() {
    const chosen = [...types.querySelectorAll('input:checked')].map((box) => box.value);
    url.patch({ type: chosen.join(',') === standard.join(',') ? '' : chosen.join(',') });
  }

  const chosenTypes = () => (present.parameters.get('type') ?? '').split(',').filter(Boolean);

  function connect() {
    const wanted = chosenTypes().length ? chosenTypes() : standard;
    const { kind, name } = store.scope;
    const path = `${kind === 'account' ? store.scope.path : ''}/events${query({
      type: wanted.join(','), account: present.parameters.get('account'), server: present.parameters.get('server') || (kind === 'server' ? name : ''), client: present.parameters.get('client'), replay: 200,
    })}`;
    if (path === askedFor && source) return;
    disconnect();
    askedFor = path;
    rows = [];
    source = new EventSource(placed(path));
    for (const [type] of kinds) source.addEventListener(type, take);
    for (const type of always) source.addEventListener(type, take);
    source.addEventListener('cut', (message) => setText(note, JSON.parse(message.data).description));
    source.onopen = () => setText(note, 'listening');
    source.onerror = () => {
      setText(note, source.readyState === EventSource.CLOSED ? 'The gateway refused the event stream.' : 'The stream broke off; trying again.');
    };
  }

  function disconnect() {
    source?.close();
    source = undefined;
  }

  function take(message) {
    let event;
    try {
      event = JSON.parse(message.data);
    } catch {
      return;
    }
    event.type ??= message.type;
    event.key = `${message.lastEventId} ${sequence += 1}`;
    if (paused) {
      held.push(event);
      if (held.length > kept) held.shift();
    } else {
      rows.unshift(event);
      if (rows.length > kept) rows.length = kept;
    }
    later();
  }

  let queued = false;
  function later() {
    if (queued) return;
    queued = true;
    setTimeout(() => {
      queued = false;
      show();
    }, 100);
  }

  function setPaused(on) {
    paused = on;
    pause.setAttribute('aria-pressed', String(on));
    if (!on) {
      rows = [...held.reverse(), ...rows].slice(0, kept);
      held = [];
    }
    show();
  }

  function show() {
    const wanted = find.value.trim().toLowerCase();
    const shown = wanted ? rows.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted)) : rows;
    setText(pause, paused ? `Go on${held.length ? ` (${f.count(held.length)})` : ''}` : 'Pause');
    table.show(shown, { select: opened?.key, empty: source ? (wanted ? 'No event fits.' : 'Nothing has happened yet. An event appears when a client connects, leaves or is refused, and when a server stops.') : 'Not listening.' });
    if (source?.readyState === EventSource.OPEN) setText(note, `${f.plural(rows.length, 'event')}${rows.length === kept ? ', older ones dropped' : ''}`);
  }

  const tree = makeTree({ onCopy: async (value) => announce(await copyText(value) ? 'Copied' : 'Not copied') });
  function open(row) {
    opened = row;
    detail.hidden = !row;
    split.classList.toggle('open', Boolean(row));
    if (row) {
      tree.clear();
      replace(detail, h('header', {}, h('h3', {}, kinds.find(([type]) => type === row.type)?.[1] ?? row.type), h('button', { type: 'button', class: 'plain', 'aria-label': 'Close', onclick: close }, '✕')),
        h('p', { class: 'mono quiet' }, row.subject ?? ''), row.client ? h('p', {}, h('a', { href: url.link('connections', { q: row.client }) }, `Connections of ${row.client}`)) : null, tree.element);
      tree.show(row.event ?? row, Date.now() / 1000);
    }
    show();
  }

  function visibility() {
    // A hidden page asks for nothing; what it missed comes from the ring when it is seen again.
    if (document.hidden || !store.live) disconnect();
    else {
      askedFor = undefined;
      connect();
    }
    show();
  }
  document.addEventListener('visibilitychange', visibility);
  let live = store.live;
  const liveChanged = () => {
    if (store.live !== live) {
      live = store.live;
      visibility();
    }
  };
  store.addEventListener('change', liveChanged);

  function update(next) {
    present = next;
    const wanted = chosenTypes().length ? chosenTypes() : standard;
    for (const box of types.querySelectorAll('input')) box.checked = wanted.includes(box.value);
    for (const field of fields) if (document.activeElement !== field) field.value = next.parameters.get(field.name) ?? '';
    connect();
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      disconnect();
      document.removeEventListener('visibilitychange', visibility);
      store.removeEventListener('change', liveChanged);
      root.removeEventListener('close-detail', close);
      table.destroy();
    },
  };
}
