// Any two moments, side by side: what came, what went, what changed.

import { h, replace, setText } from '../dom.js';
import { get, query } from '../api.js';
import * as f from '../format.js';
import { makeTake } from '../take.js';
import { momentText } from '../timescale.js';
import { problemLine, viewHead } from '../view.js';
import * as url from '../url.js';

/** What can be compared, by its name: the path behind `/diff`, and what a row is called. */
const subjects = {
  connections: ['Connections', '/merged/connz?auth=1'], servers: ['Servers', '/merged/varz'], streams: ['Streams', '/merged/jsz?accounts=1&streams=1&consumers=1&config=1'], accounts: ['Accounts', '/merged/accstatz'],
  routes: ['Routes', '/merged/routez'], gateways: ['Gateways', '/merged/gatewayz'], leafnodes: ['Leafnodes', '/merged/leafz'],
};
const ago = { '5m': '-5m', '15m': '-15m', '1h': '-1h', '6h': '-6h', '24h': '-24h', '7d': '-168h' };
const mostRows = 200;

const short = (value) => value === undefined || value === null ? f.unknown : typeof value === 'object' ? JSON.stringify(value).slice(0, 120) : typeof value === 'number' ? f.exact(value) : String(value);

/** What a row is called by what tells it apart. */
export function rowTitle(row) {
  const key = row.key ?? row;
  const name = row.name ?? key.name ?? key.stream ?? key.acc ?? key.account ?? key.remote_name ?? '';
  const where = row.server_name ?? key.server_name ?? '';
  const number = key.server_cid ?? row.server_cid;
  return [name, where, number === undefined ? '' : `cid ${number}`].filter(Boolean).join(' · ') || Object.values(key).filter((each) => typeof each !== 'object').map(short).join(' · ').slice(0, 90);
}

/** A change in words: "1,200 → 1,450 (+250, 12.5/s)". */
export function changeText({ from, to, difference, rate }) {
  const more = [typeof difference === 'number' ? `${difference > 0 ? '+' : ''}${f.exact(difference)}` : '', typeof rate === 'number' ? f.perSecond(rate) : ''].filter(Boolean).join(', ');
  return `${short(from)} → ${short(to)}${more ? ` (${more})` : ''}`;
}

export function mount(root, { store, state }) {
  let present = state;
  let asked = '';
  const head = viewHead('Compare');
  const problem = problemLine();
  const what = h('select', { 'aria-label': 'What', onchange: () => url.patch({ what: what.value === 'connections' ? '' : what.value }, {}) }, Object.entries(subjects).map(([name, [title]]) => h('option', { value: name }, title)));
  const since = h('select', { 'aria-label': 'From', onchange: () => url.patch({ from: since.value }, {}) }, Object.entries(ago).map(([name, value]) => h('option', { value }, `${name} ago`)));
  const other = h('option', { value: '' });
  const take = makeTake({ name: 'difference', path: () => asked });
  const body = h('div', {});
  root.append(head.element, h('div', { class: 'toolbar' }, what, h('span', {}, 'from'), since, h('span', { class: 'quiet' }, 'to what is shown: now, or the moment in the bar of time'), h('span', { class: 'grow' }), take), problem.element, body);

  function path() {
    const [, subject] = subjects[present.parameters.get('what')] ?? subjects.connections;
    const scope = store.scope.kind === 'server' ? '' : store.scope.path;
    return `/diff${scope}${subject}${subject.includes('?') ? '&' : '?'}${query({ from: fromOf(), to: store.moment }).slice(1)}`;
  }

  /** A distance counts from the moment that is shown. */
  function fromOf() {
    const text = present.parameters.get('from') || '-15m';
    const distance = /^-(\d+)([mh])$/.exec(text);
    if (!store.moment || !distance) return text;
    return new Date((store.end() - Number(distance[1]) * (distance[2] === 'h' ? 3600 : 60)) * 1000).toISOString();
  }

  const stop = store.every(30, async (signal) => {
    asked = path();
    try {
      const { document: answer } = await get(asked, { signal });
      problem.clear();
      show(answer);
    } catch (error) {
      if (error.name !== 'AbortError') {
        problem.show(error.message);
        replace(body);
      }
      throw error;
    }
  });

  function show(answer) {
    const moment = (each) => momentText(f.parseTime(each.at) ?? f.now(), f.now());
    head.note(`${moment(answer.from)} to ${moment(answer.to)}${answer.seconds ? `, ${f.duration(Math.round(answer.seconds))}` : ''}`);
    const tables = Object.entries(answer.rows ?? {}).flatMap(([name, { appeared = [], vanished = [], changed = [] }]) => [
      list(`${name}: ${f.count(appeared.length)} came`, appeared.map((row) => [rowTitle(row), '']), 'good'), list(`${name}: ${f.count(vanished.length)} went`, vanished.map((row) => [rowTitle(row), '']), 'warn'),
      list(`${name}: ${f.count(changed.length)} changed`, changed.map((row) => [rowTitle(row), Object.entries(row.fields ?? {}).slice(0, 6).map(([field, change]) => `${field} ${changeText(change)}`).join('; ')]), ''),
    ]);
    const fields = Object.entries(answer.fields ?? {});
    replace(body,
      answer.restarted?.length ? h('p', { class: 'notice warning' }, `Started anew in between: ${answer.restarted.map((each) => each.name ?? each).join(', ')}. Their counters began again.`) : null,
      answer.equal ? h('p', { class: 'empty' }, 'Nothing differs.') : null, tables, fields.length ? list('Figures', fields.map(([name, change]) => [name, changeText(change)]), '') : null);
  }

  function list(title, rows, tone) {
    if (rows.length === 0) return null;
    return h('section', { class: 'section' }, h('h2', { class: tone }, title), h('table', { class: 'plain wraps' }, h('caption', { class: 'visually-hidden' }, title), h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'What'), h('th', { scope: 'col' }, 'How'))),
      h('tbody', {}, rows.slice(0, mostRows).map(([name, how]) => h('tr', {}, h('td', {}, name), h('td', { class: 'quiet' }, how))))), rows.length > mostRows ? h('p', { class: 'quiet' }, `and ${f.count(rows.length - mostRows)} more`) : null);
  }

  function update(next) {
    present = next;
    what.value = present.parameters.get('what') || 'connections';
    const text = present.parameters.get('from') || '-15m';
    other.remove();
    if (!Object.values(ago).includes(text)) {
      other.value = text;
      setText(other, text);
      since.append(other);
    }
    since.value = text;
    if (asked && asked !== path()) stop.now();
  }

  update(state);
  return { update, destroy: stop };
}
