// An account's own overview: its connections, traffic, streams and findings, and nothing of anybody else.

import { h, reconcile, replace, setText } from './dom.js';
import { get } from './api.js';
import { showFindings } from './findings.js';
import * as f from './format.js';
import { completenessText } from './frame.js';
import { placed } from './place.js';
import { link } from './url.js';

const figures = [
  { label: 'Connections', value: (told) => told.row?.connections, text: f.count, view: ['connections'] },
  { label: 'Leafnodes', value: (told) => told.row?.leafnodes, text: f.count, view: ['topology'] },
  { label: 'Messages in', value: (told) => told.row?.rates?.received_msgs, text: f.perSecond, view: ['history', { kind: 'account', field: 'in_msgs' }] },
  { label: 'Messages out', value: (told) => told.row?.rates?.sent_msgs, text: f.perSecond, view: ['history', { kind: 'account', field: 'out_msgs' }] },
  { label: 'Bytes in', value: (told) => told.row?.rates?.received_bytes, text: f.bytesPerSecond, view: ['history', { kind: 'account', field: 'in_bytes' }] },
  { label: 'Bytes out', value: (told) => told.row?.rates?.sent_bytes, text: f.bytesPerSecond, view: ['history', { kind: 'account', field: 'out_bytes' }] },
  { label: 'Streams', value: (told) => told.streams, text: f.count, view: ['jetstream'] },
  { label: 'Slow consumers since start', value: (told) => told.row?.slow_consumers, text: f.count, view: ['connections', { state: 'closed', reason: 'Slow', group: 'client' }] },
];

const endpoints = [
  ['info', 'the account as its servers know it'], ['connections', 'its connections by what goes through them'], ['connz', 'its connections'], ['leafz', 'its leafnodes'], ['subsz', 'its subscriptions'], ['jsz', 'its JetStream'],
  ['statz', 'its traffic, by server'], ['events', 'its events as they happen'], ['closed', 'its connections that have closed'], ['metrics', 'its metrics, for Prometheus'],
];

export function mountAccount(root, store) {
  const scope = store.scope;
  const told = { row: undefined, streams: undefined };
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
        const answer = await get(`${scope.path}/accounts`, { signal });
        told.row = answer.document.accounts?.[0];
        setText(problem, !told.row ? 'No server knows this account.' : answer.completeness?.complete === false ? `${completenessText(answer.completeness, store.roster)}. These figures leave the others out.` : '');
      } catch (error) {
        if (error.name !== 'AbortError') setText(problem, error.message);
        throw error;
      } finally {
        show();
      }
    }),
    store.every(10, async (signal) => {
      told.streams = (await get(`${scope.path}/streams?limit=1`, { signal })).document.total;
      show();
    }),
  ];

  function show() {
    const isOwn = (finding) => finding.account === scope.name || finding.account === told.row?.id;
    const own = (store.findings ?? []).filter(isOwn);
    setText(headline, store.findings ? `Account ${scope.name}: ${own.length ? f.plural(own.length, 'thing') + ' to know about' : 'nothing to report'}.` : `Account ${scope.name}`);
    showFindings(findings, (store.allFindings ?? []).filter(isOwn), store.causes, { most: 40 });
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
