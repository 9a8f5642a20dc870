// Accounts over the whole system: connections, traffic, limits and how near they are, imports and exports as links.

import { h, replace, setText } from '../dom.js';
import { gather } from '../api.js';
import { text, figure } from '../columns.js';
import * as f from '../format.js';
import { showFindings } from '../findings.js';
import { pastChart } from '../pastchart.js';
import { barCell } from '../spark.js';
import { detailHead, mountList } from '../view.js';
import * as url from '../url.js';

// The gateway counts from the accounts' side: what the servers received from them came in.
const columns = [
  text('name', 'Account', 14, (row) => row.name || row.id, { title: (row) => row.id }),
  figure('connections', 'Connections', 7, (row) => row.connections, f.count),
  figure('leafnodes', 'Leafnodes', 6, (row) => row.leafnodes, f.count),
  figure('subscriptions', 'Subs', 6, (row) => row.subscriptions || undefined, f.count),
  figure('in_msgs', 'Msgs in', 7, (row) => row.rates?.received_msgs, f.perSecond),
  figure('out_msgs', 'Msgs out', 7, (row) => row.rates?.sent_msgs, f.perSecond),
  figure('in_bytes', 'Bytes in', 7, (row) => row.rates?.received_bytes, f.bytesPerSecond),
  figure('out_bytes', 'Bytes out', 7, (row) => row.rates?.sent_bytes, f.bytesPerSecond),
  figure('slow_consumers', 'Slow', 4, (row) => row.slow_consumers, f.count),
];

export function mount(root, { store, state }) {
  const own = () => store.scope.kind === 'account' ? store.scope.name : undefined;
  return mountList(root, { store, state }, {
    title: 'Accounts', find: 'Find an account', columns, key: (row) => row.id, sort: { key: 'in_bytes', direction: 'descending' },
    path: () => '/accounts', seconds: 3, consequence: 'These figures leave them out.',
    rows: (document) => document.accounts ?? [],
    inScope: (row) => own() === undefined || row.id === own() || row.name === own(),
    texts: (row) => [row.id, row.name], opens: (row) => row.id, opened: own,
    detail: (element, id, close) => openAccount(element, id, store, close),
    empty: 'No server named an account.',
    note: (shown, all) => shown.length < all.length ? `${f.count(shown.length)} of ${f.plural(all.length, 'account')}` : f.plural(all.length, 'account'),
  });
}

function openAccount(element, id, store, close) {
  const status = h('p', { class: 'quiet' }, 'Asking …');
  const body = h('div', {});
  const findings = h('ul', { class: 'findings' });
  const past = pastChart(store, { title: 'Messages', kind: 'account', fields: ['in_msgs', 'out_msgs'], narrow: { account: id } });
  const scope = { path: `/account/${encodeURIComponent(id)}`, name: id };
  replace(element, detailHead(id, close),
    h('p', { class: 'row' }, h('a', { href: url.link('overview', {}, `account/${id}`) }, 'Its own overview'), h('a', { href: url.link('connections', {}, `account/${id}`) }, 'Connections'), h('a', { href: url.link('jetstream', {}, `account/${id}`) }, 'Streams'), ['info', 'statz', 'connz', 'subsz', 'leafz', 'jsz'].map((name) => h('a', { class: 'mono', href: url.link('explore', { path: `${scope.path}/${name}` }, '') }, name))), findings, past.element, status, body);
  const stop = store.every(5, async (signal) => {
    showFindings(findings, (store.allFindings ?? []).filter((finding) => finding.account === id), store.causes);
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
  return () => {
    stop();
    past.stop();
  };
}

/** @type {[string, string, string | undefined, (value: number) => string][]} */
const limits = [['conn', 'Connections', 'client_connections', f.count], ['leaf', 'Leafnodes', 'leafnode_connections', f.count], ['subs', 'Subscriptions', 'subscriptions', f.count], ['data', 'Data', undefined, f.bytes], ['payload', 'Payload', undefined, f.bytes], ['imports', 'Imports', undefined, f.count], ['exports', 'Exports', undefined, f.count], ['mem_storage', 'JetStream memory', undefined, f.bytes], ['disk_storage', 'JetStream disk', undefined, f.bytes], ['streams', 'Streams', undefined, f.count], ['consumer', 'Consumers', undefined, f.count]];

function showAccount(body, details) {
  const one = details[0];
  const sum = (field) => details.reduce((all, each) => all + (each[field] ?? 0), 0);
  const claim = one.decoded_jwt?.nats?.limits;
  const marks = [one.is_system && 'the system account', one.expired && 'expired', one.complete === false && 'imports not resolved', one.jetstream_enabled && 'JetStream'].filter(Boolean);
  const section = (title, ...content) => h('section', { class: 'section' }, h('h3', {}, title), content);
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
