// Accounts over the whole system: connections, traffic, limits and how near they are, imports and exports as links.

import { h, replace, setText } from '../dom.js';
import { gather, get } from '../api.js';
import * as f from '../format.js';
import { barCell } from '../spark.js';
import { makeTable, sortRows, parseSort, nextSort, sortText } from '../table.js';
import * as url from '../url.js';

const figure = (value, text) => ({ value, number: true, show(cell, row) { setText(cell, text(value(row))); cell.title = f.exact(value(row)); } });
const columns = [
  { key: 'name', label: 'Account', width: 14, value: (row) => row.name || row.id, show: (cell, row) => { setText(cell, row.name || row.id); cell.title = row.id; } },
  { key: 'connections', label: 'Connections', width: 7, ...figure((row) => row.connections, f.count) },
  { key: 'leafnodes', label: 'Leafnodes', width: 6, ...figure((row) => row.leafnodes, f.count) },
  { key: 'subscriptions', label: 'Subs', width: 6, ...figure((row) => row.subscriptions || undefined, f.count) },
  { key: 'in_msgs', label: 'Msgs in', width: 7, ...figure((row) => row.rates?.in_msgs, f.perSecond) },
  { key: 'out_msgs', label: 'Msgs out', width: 7, ...figure((row) => row.rates?.out_msgs, f.perSecond) },
  { key: 'in_bytes', label: 'Bytes in', width: 7, ...figure((row) => row.rates?.in_bytes, f.bytesPerSecond) },
  { key: 'out_bytes', label: 'Bytes out', width: 7, ...figure((row) => row.rates?.out_bytes, f.bytesPerSecond) },
  { key: 'slow_consumers', label: 'Slow', width: 4, ...figure((row) => row.slow_consumers, f.count) },
];
// The gateway counts from the accounts' side: what the servers received from them came in.
const counters = { in_msgs: 'received_msgs', out_msgs: 'sent_msgs', in_bytes: 'received_bytes', out_bytes: 'sent_bytes' };

export function mount(root, { store, state }) {
  let present = state;
  let rows = [];
  let loaded = false;
  let sort = { key: 'in_bytes', direction: 'descending' };
  let before = new Map();
  const find = h('input', { type: 'search', placeholder: 'Find an account', 'aria-label': 'Find an account' });
  const note = h('span', { class: 'quiet' });
  const problem = h('p', { class: 'bad' });
  const detail = h('aside', { class: 'detail', hidden: true });
  const table = makeTable(columns, {
    caption: 'Accounts', key: (row) => row.id,
    onSort: (key, column) => url.patch({ sort: sortText(nextSort(sort, column)) }),
    onOpen: (row) => url.patch({ open: present.parameters.get('open') === row.id ? '' : row.id }, {}),
  });
  const split = h('div', { class: 'split' }, h('div', { class: 'scroll-x' }, table.element), detail);
  root.append(h('div', { class: 'head' }, h('h1', {}, 'Accounts'), note), h('div', { class: 'toolbar' }, find), problem, split);
  find.addEventListener('input', () => url.patch({ q: find.value }));
  root.addEventListener('close-detail', closeDetail);
  function closeDetail() { url.patch({ open: '' }); }

  const stop = store.every(3, async (signal) => {
    try {
      const { document: answer, completeness } = await get('/accounts', { signal });
      const now = f.parseTime(answer.now) ?? Date.now() / 1000;
      const after = new Map();
      rows = (answer.accounts ?? []).map((account) => {
        const past = before.get(account.id);
        const row = { ...account };
        if (past && now - past.now > 0.3) {
          row.rates = Object.fromEntries(Object.entries(counters).map(([field, name]) => [field, Math.max(0, (account[name] - past.account[name]) / (now - past.now))]));
        }
        else row.rates = past?.rates;
        after.set(account.id, { now, account, rates: row.rates });
        return row;
      });
      before = after;
      loaded = true;
      setText(problem, completeness?.complete === false ? 'Not every server answered: these figures leave them out.' : '');
    } catch (error) {
      if (error.name !== 'AbortError') setText(problem, error.message);
      show();
      throw error;
    }
    show();
  });

  function show() {
    const wanted = (present.parameters.get('q') ?? '').toLowerCase();
    const shown = rows.filter((row) => (!wanted || row.id.toLowerCase().includes(wanted) || row.name?.toLowerCase().includes(wanted)) && (store.scope.kind !== 'account' || row.id === store.scope.name || row.name === store.scope.name));
    table.show(sortRows(shown, columns.find((column) => column.key === sort.key).value, sort.direction), {
      sorted: sort, select: present.parameters.get('open'), empty: loaded ? (wanted ? `No account fits “${wanted}”.` : 'No server named an account.') : problem.textContent ? '' : 'Asking …',
    });
    setText(note, loaded ? f.plural(rows.length, 'account') : '');
  }

  function update(next) {
    present = next;
    sort = parseSort(next.parameters.get('sort'), columns, sort);
    if (document.activeElement !== find) find.value = next.parameters.get('q') ?? '';
    const id = next.parameters.get('open') || (store.scope.kind === 'account' ? store.scope.name : '');
    if (id !== detail.shown_) {
      detail.shown_ = id;
      detail.stop_?.();
      detail.hidden = !id;
      split.classList.toggle('open', Boolean(id));
      if (id) detail.stop_ = openAccount(detail, id, store, closeDetail);
    }
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      stop();
      detail.stop_?.();
      root.removeEventListener('close-detail', closeDetail);
      table.destroy();
    },
  };
}

function openAccount(element, id, store, close) {
  const status = h('p', { class: 'quiet' }, 'Asking …');
  const body = h('div', {});
  const scope = { path: `/account/${encodeURIComponent(id)}`, name: id };
  replace(element, h('header', {}, h('h3', {}, id), h('button', { type: 'button', class: 'plain', 'aria-label': 'Close', onclick: close }, '✕')),
    h('p', { class: 'row' }, h('a', { href: url.link('connections', {}, `account/${id}`) }, 'Connections'), ['info', 'statz', 'connz', 'subsz', 'leafz', 'jsz'].map((name) => h('a', { class: 'mono', href: url.link('explore', { path: `${scope.path}/${name}` }, '') }, name))), status, body);
  return store.every(5, async (signal) => {
    try {
      const answer = await gather(scope, 'info', {}, { signal });
      const details = answer.servers.filter((each) => each.data).map((each) => ({ server: each.server.name, ...(each.data.account_detail ?? each.data) }));
      setText(status, details.length ? `As ${f.plural(details.length, 'server')} ${details.length === 1 ? 'knows' : 'know'} it.` : 'No server knows this account.');
      if (details.length) showAccount(body, details);
    } catch (error) {
      if (error.name !== 'AbortError') setText(status, error.message);
      throw error;
    }
  });
}

const limits = [['conn', 'Connections', 'client_connections', f.count], ['leaf', 'Leafnodes', 'leafnode_connections', f.count], ['subs', 'Subscriptions', 'subscriptions', f.count], ['data', 'Data', undefined, f.bytes], ['payload', 'Payload', undefined, f.bytes], ['imports', 'Imports', undefined, f.count], ['exports', 'Exports', undefined, f.count], ['mem_storage', 'JetStream memory', undefined, f.bytes], ['disk_storage', 'JetStream disk', undefined, f.bytes], ['streams', 'Streams', undefined, f.count], ['consumer', 'Consumers', undefined, f.count]];

function showAccount(body, details) {
  const one = details[0];
  const sum = (field) => details.reduce((all, each) => all + (each[field] ?? 0), 0);
  const claim = one.decoded_jwt?.nats?.limits;
  const marks = [one.is_system && 'the system account', one.expired && 'expired', one.complete === false && 'imports not resolved', one.jetstream_enabled && 'JetStream'].filter(Boolean);
  const section = (title, ...content) => h('section', { class: 'section' }, h('h2', {}, title), content);
  replace(body,
    h('dl', { class: 'facts' }, [['Name', one.name_tag || one.account_name], ['Is', marks.join(', ') || 'an ordinary account'], ['Clients', f.count(sum('client_connections'))], ['Leafnodes', f.count(sum('leafnode_connections'))], ['Updated', f.ago(one.update_time)], ['Issuer', one.issuer_key], ['Tags', (one.tags ?? []).join(', ')]]
      .filter(([, value]) => value).map(([term, value]) => [h('dt', {}, term), h('dd', {}, value)])),
    claim ? section('Limits', h('dl', { class: 'facts' }, limits.filter(([name]) => claim[name] !== undefined).map(([name, label, used, text]) => {
      const limit = claim[name];
      if (limit < 0) return [h('dt', {}, label), h('dd', { class: 'quiet' }, 'unlimited')];
      const bar = barCell();
      const now = used ? sum(used) : undefined;
      bar.show(now === undefined ? text(limit) : `${text(now)} of ${text(limit)}`, now === undefined ? 0 : now / (limit || 1), '', true);
      return [h('dt', {}, label), h('dd', {}, bar)];
    }))) : null,
    section('Exports', list(one.exports, (each) => [h('span', { class: 'mono' }, each.subject), h('span', { class: 'tag' }, each.type), each.token_req ? h('span', { class: 'tag' }, 'by token') : null,
      (each.approved_accounts ?? []).map((account) => h('a', { href: url.link('accounts', { open: account }, '') }, account))])),
    section('Imports', list(one.imports, (each) => [h('span', { class: 'mono' }, each.subject), h('span', { class: 'faint' }, 'from'), h('a', { href: url.link('accounts', { open: each.account }, '') }, each.account), h('span', { class: 'tag' }, each.type), each.invalid ? h('span', { class: 'tag bad' }, 'invalid') : null])),
    Object.keys(one.mappings ?? {}).length ? section('Mappings', list(Object.entries(one.mappings), ([from, to]) => [h('span', { class: 'mono' }, from), '→', to.map((each) => h('span', { class: 'mono' }, `${each.subject} ${each.weight} %`))])) : null,
    section('On each server', list(details, (each) => [h('a', { href: url.link('servers', { open: each.server }, '') }, each.server), `${f.plural(each.client_connections ?? 0, 'client')}, ${f.plural(each.subscriptions ?? 0, 'subscription')}`])));
}

function list(entries, content) {
  if (!entries?.length) return h('p', { class: 'quiet' }, 'none');
  return h('ul', { class: 'plain-list' }, entries.map((entry) => h('li', {}, content(entry))));
}
