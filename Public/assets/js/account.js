// An account's own overview: its connections, traffic, streams and findings, and nothing of anybody else.

import { h, reconcile, replace, setText } from './dom.js';
import { gather, get } from './api.js';
import { findingItem } from './findings.js';
import * as f from './format.js';
import { completenessText } from './frame.js';
import { placed } from './place.js';
import { Rates } from './rates.js';
import { link } from './url.js';

const figures = [
  { label: 'Connections', value: (told) => told.row?.conns, text: f.count, view: ['connections'] },
  { label: 'Leafnodes', value: (told) => told.row?.leafnodes, text: f.count, view: ['topology'] },
  { label: 'Messages in', value: (told) => told.rates?.in_msgs, text: f.perSecond, view: ['history', { kind: 'account', field: 'in_msgs' }] },
  { label: 'Messages out', value: (told) => told.rates?.out_msgs, text: f.perSecond, view: ['history', { kind: 'account', field: 'out_msgs' }] },
  { label: 'Bytes in', value: (told) => told.rates?.in_bytes, text: f.bytesPerSecond, view: ['history', { kind: 'account', field: 'in_bytes' }] },
  { label: 'Bytes out', value: (told) => told.rates?.out_bytes, text: f.bytesPerSecond, view: ['history', { kind: 'account', field: 'out_bytes' }] },
  { label: 'Streams', value: (told) => told.streams, text: f.count, view: ['jetstream'] },
  { label: 'Slow consumers since start', value: (told) => told.row?.slow_consumers, text: f.count, view: ['connections', { state: 'closed', reason: 'Slow', group: 'client' }] },
];

const endpoints = [
  ['info', 'the account as its servers know it'], ['connections', 'its connections by what goes through them'], ['connz', 'its connections'], ['leafz', 'its leafnodes'], ['subsz', 'its subscriptions'], ['jsz', 'its JetStream'],
  ['statz', 'its traffic, by server'], ['events', 'its events as they happen'], ['closed', 'its connections that have closed'], ['metrics', 'its metrics, for Prometheus'],
];

/** What is added up over servers. */
const summed = ['conns', 'leafnodes', 'slow_consumers'];
const traffic = { in_msgs: (row) => row.received?.msgs, out_msgs: (row) => row.sent?.msgs, in_bytes: (row) => row.received?.bytes, out_bytes: (row) => row.sent?.bytes };

/**
 * Takes what each server says of an account and answers the account as one: its row, and its rates. Counters grow server by server: the sum
 * over those that answered falls and rises with who did. A server of which nothing is known yet leaves the sum unknown.
 */
export function makeAccountReading() {
  const growth = new Rates(traffic);
  return (servers, now) => {
    const rows = servers.flatMap(({ server, data }) => (data?.account_statz ?? []).slice(0, 1).map((row) => ({ id: server.id, row })));
    if (rows.length === 0) return { row: undefined, rates: undefined };
    const add = (values) => values.reduce((sum, value) => sum + (value ?? 0), 0);
    const row = { acc: rows[0].row.acc, ...Object.fromEntries(summed.map((name) => [name, add(rows.map((each) => each.row[name]))])) };
    const each = [...growth.take(rows.map((one) => ({ ...one.row, id: one.id })), (one) => one.id, now).values()];
    const rates = each.every(Boolean) ? Object.fromEntries(Object.keys(traffic).map((name) => [name, add(each.map((one) => one[name]))])) : undefined;
    return { row, rates };
  };
}

export function mountAccount(root, store) {
  const scope = store.scope;
  const told = { row: undefined, rates: undefined, streams: undefined };
  const read = makeAccountReading();
  const headline = h('h1', {}, `Account ${scope.name}`);
  const problem = h('p', { class: 'bad' });
  const findings = h('ul', { class: 'findings' });
  const grid = h('div', { class: 'figures' });
  root.append(h('section', { class: 'lead' }, headline, problem, findings), h('section', { class: 'section', 'aria-label': 'Totals' }, grid),
    h('section', { class: 'section endpoints-section' }, h('h2', {}, 'Endpoints'), h('ul', { class: 'endpoints' }, endpoints.map(([name, help]) => {
      const path = `${scope.path}/${name}`;
      const anchor = ['metrics', 'events'].includes(name) ? { href: placed(path), 'data-plain': true, target: '_blank', rel: 'noopener' } : { href: link('explore', { path }, '') };
      return h('li', {}, h('a', { class: 'mono', ...anchor }, `/${name}`), h('span', { class: 'quiet' }, help));
    }))));

  const stops = [
    store.every(2, async (signal) => {
      try {
        const answer = await gather(scope, 'statz', { unused: 1 }, { signal });
        Object.assign(told, read(answer.servers, f.now()));
        setText(problem, !told.row ? 'No server knows this account.' : answer.completeness?.complete === false ? `${completenessText(answer.completeness, store.roster)}. These figures leave the others out.` : '');
      } catch (error) {
        if (error.name !== 'AbortError') setText(problem, error.message);
        throw error;
      } finally {
        show();
      }
    }),
    store.every(10, async (signal) => {
      const { document: answer } = await get(`${scope.path}/merged/jsz?streams=1`, { signal });
      told.streams = (answer.account_details?.[0]?.stream_detail ?? answer.stream_detail ?? []).length;
      show();
    }),
  ];

  function show() {
    const isOwn = (finding) => finding.account === scope.name || finding.account === told.row?.acc;
    const own = (store.findings ?? []).filter(isOwn);
    setText(headline, store.findings ? `Account ${scope.name}: ${own.length ? f.plural(own.length, 'thing') + ' to know about' : 'nothing to report'}.` : `Account ${scope.name}`);
    replace(findings, (store.allFindings ?? []).filter(isOwn).slice(0, 40).map((finding) => findingItem(finding)));
    reconcile(grid, figures, (figure) => figure.label, (figure) => {
      const value = h('span', { class: 'figure' });
      return Object.assign(h('div', {}, h('span', { class: 'label' }, h('a', { href: link(...figure.view) }, figure.label)), value), { value_: value });
    }, (element, figure) => {
      setText(element.value_, figure.text(figure.value(told)));
      element.value_.title = f.exact(figure.value(told));
    });
  }

  store.addEventListener('change', show);
  show();
  return {
    update: show,
    destroy() {
      for (const stop of stops) stop();
      store.removeEventListener('change', show);
    },
  };
}
