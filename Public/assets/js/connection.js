// One connection in detail: what it is, what it listens to, and what the record of closed connections knows of that client.

import { h, replace, setText } from './dom.js';
import { get, query } from './api.js';
import * as f from './format.js';
import { sparkline } from './spark.js';
import { detailHead } from './view.js';
import * as url from './url.js';

/** @type {[string, (row: any) => any][]} */
const facts = [
  ['Server', (row) => row.server_name && h('a', { href: url.link('servers', { open: row.server_name }, '') }, row.server_name)], ['cid', (row) => row.server_cid ?? row.cid], ['Kind', (row) => [row.kind, row.type].filter(Boolean).join(', ')], ['Account', (row) => h('a', { href: url.link('accounts', { open: row.account || '$G' }, '') }, row.name_tag || row.account || '$G')],
  ['User', (row) => row.authorized_user], ['Address', (row) => [`${row.ip}:${row.port} `, h('a', { href: url.link('connections', { q: row.ip }) }, 'all from there')]], ['Library', (row) => [row.lang, row.version].filter(Boolean).join(' ')], ['TLS', (row) => [row.tls_version, row.tls_cipher_suite].filter(Boolean).join(' ')],
  ['Connected', (row) => `${f.clockTime(row.start)}${row.uptime ? ` (${row.uptime})` : ''}`], ['Last active', (row) => f.ago(row.last_activity)], ['Closed', (row) => row.stop && `${f.clockTime(row.stop)}: ${row.reason}`], ['Round trip', (row) => f.parseDuration(row.rtt) ? f.duration(f.parseDuration(row.rtt)) : undefined],
  ['Now', (row) => row.rates && `${f.perSecond(row.rates.in_msgs)} (${f.bytesPerSecond(row.rates.in_bytes)}) from it, ${f.perSecond(row.rates.out_msgs)} (${f.bytesPerSecond(row.rates.out_bytes)}) to it`], ['Waiting for it', (row) => f.bytes(row.pending_bytes)], ['Sent by it', (row) => `${f.count(row.in_msgs)} messages, ${f.bytes(row.in_bytes)}`], ['Sent to it', (row) => `${f.count(row.out_msgs)} messages, ${f.bytes(row.out_bytes)}`], ['Stalls', (row) => row.stalls],
];

/** What a connection's URL says: its server's id or name, and its number there. */
export function connectionOf(id) {
  const slash = id.lastIndexOf('/');
  return { server: id.slice(0, Math.max(0, slash)), cid: id.slice(slash + 1) };
}

export function openConnection(element, id, store, fromTable, close) {
  const { server, cid } = connectionOf(id);
  const title = h('h2', {}, '…');
  const list = h('dl', { class: 'facts' });
  const subscriptions = h('ul', { class: 'plain-list mono' });
  const past = h('ul', { class: 'plain-list' });
  const status = h('p', { class: 'bad' });
  // Nobody keeps figures of single connections: these lines begin when the pane is opened.
  /** @type {[string, (row: any) => any, (value: number) => string][]} */
  const figures = [['To it, bytes a second', (row) => row.rates?.out_bytes, f.bytesPerSecond], ['From it, bytes a second', (row) => row.rates?.in_bytes, f.bytesPerSecond], ['Waiting for it', (row) => row.pending_bytes, f.bytes], ['Round trip', (row) => f.parseDuration(row.rtt) || undefined, f.duration]];
  const watched = figures.map(([label, value, text]) => ({ label, value, points: [], line: sparkline(300, 26, { text, label }) }));
  const lines = h('section', { class: 'section', hidden: true }, h('h3', {}, 'Since this was opened'), watched.map(({ label, line }) => h('div', { class: 'watched' }, h('span', { class: 'label' }, label), line)));
  const began = f.now();
  const watch = (row) => {
    const time = f.now();
    for (const each of watched) {
      each.points.push({ time, value: each.value(row) ?? null });
      if (each.points.length > 600) each.points.shift();
      each.line.show(each.points, { span: Math.max(60, Math.min(1800, time - began)), end: time });
    }
    lines.hidden = Boolean(row.stop) || Boolean(store.moment) || watched[2].points.length < 3;
  };
  replace(element, detailHead(title, close), status, list, lines,
    h('section', { class: 'section' }, h('h3', {}, 'Subscriptions'), subscriptions), h('section', { class: 'section' }, h('h3', {}, 'Earlier connections of this client'), past));
  let askedPast;

  const show = (row) => {
    setText(title, row.name || row.mqtt_client || `cid ${row.server_cid ?? row.cid}`);
    replace(list, facts.map(([label, value]) => [label, value(row)]).filter(([, value]) => value !== undefined && value !== '' && value !== null)
      .map(([label, value]) => [h('dt', {}, label), h('dd', {}, value)]));
    const details = row.subscriptions_list_detail;
    if (details || row.subscriptions_list) {
      const entries = details ?? row.subscriptions_list.map((subject) => ({ subject }));
      replace(subscriptions, entries.length ? entries.slice(0, 500).map((entry) => h('li', {}, h('a', { href: url.link('subscriptions', { subject: entry.subject }) }, entry.subject),
        entry.qgroup ? h('span', { class: 'tag' }, `queue ${entry.qgroup}`) : null, entry.msgs !== undefined ? h('span', { class: 'faint' }, ` ${f.count(entry.msgs)} delivered`) : null)) : h('li', { class: 'quiet' }, 'none'));
    } else if (row.subscriptions === 0) replace(subscriptions, h('li', { class: 'quiet' }, 'none'));
  };

  return store.every(3, async (signal) => {
    const row = fromTable();
    if (row) show(row);
    const isKnown = store.roster.find((each) => each.id === server || each.name === server);
    // An account's scope may be all that a role may read; there everybody is asked, and the server is known by its id.
    const scope = store.scope.kind === 'account' ? store.scope.path : `/server/${encodeURIComponent(server)}`;
    try {
      const told = await get(`${scope}/connz${query({ cid, subs: 'detail', auth: 1, state: row?.stop ? 'closed' : '' })}`, { signal });
      const answers = told.document.servers ? told.document.servers.filter((each) => each.server?.id === server || each.server?.name === server).map((each) => each.data) : [told.document];
      const answer = answers.find((each) => each?.connections?.length);
      const found = answer && { ...answer.connections[0], server_name: row?.server_name ?? isKnown?.name ?? server };
      setText(status, found ? '' : 'This connection is no longer there.');
      if (found) {
        show({ ...row, ...found });
        watch({ ...row, ...found });
      }
      const name = (found ?? row)?.name;
      if (askedPast !== (name ?? '')) {
        askedPast = name ?? '';
        await showPast(past, name, store, signal);
      }
    } catch (error) {
      if (error.name !== 'AbortError') setText(status, error.status === 404 && !isKnown ? 'The server that this connection was on is no longer there: it was started anew, or has gone.' : error.message);
      throw error;
    }
  });
}

async function showPast(list, name, store, signal) {
  if (!name) {
    replace(list, h('li', { class: 'quiet' }, 'It has no name to be known by.'));
    return;
  }
  try {
    const { document: answer } = await get(`${store.scope.kind === 'account' ? store.scope.path : ''}/closed${query({ client: name, since: '24h', limit: 20 })}`, { signal });
    const entries = answer.closed ?? [];
    replace(list, entries.length ? entries.map((entry) => h('li', {}, `${f.clockTime(entry.stop)} ${entry.reason} on ${entry.server?.name ?? ''}`, h('span', { class: 'faint' }, ` after ${f.duration(entry.duration_seconds)}`)))
      : h('li', { class: 'quiet' }, 'None since this gateway began to listen.'));
  } catch (error) {
    if (error.name !== 'AbortError') replace(list, h('li', { class: 'quiet' }, error.message));
  }
}
