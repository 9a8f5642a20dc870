// Any figure over any span that is recorded: a line for each server, account, stream, consumer or link; beside it the same span of before.

import { h, replace, setText } from '../dom.js';
import { get, query } from '../api.js';
import { makeChart } from '../chart.js';
import * as f from '../format.js';
import { figureOf, figures, heardField, kinds, linesOf, linesOfHeartbeats, totalOf } from '../figures.js';
import { momentText, spans } from '../timescale.js';
import { problemLine, viewHead } from '../view.js';
import * as url from '../url.js';

const compared = { '': 'with nothing', '1h': 'an hour before', '1d': 'a day before', '7d': 'a week before' };
const seconds = { '1h': 3600, '1d': 86400, '7d': 604800 };
/** What narrows a question, by name. */
const filters = ['server', 'account', 'stream', 'consumer', 'remote', 'gateway'];
const most = 24;

export function mount(root, { store, state }) {
  let present = state;
  let asked = '';
  let asked_ = '';
  const head = viewHead('History');
  const problem = problemLine();
  const choice = (label, entries, change) => h('select', { 'aria-label': label, onchange: (event) => change(event.target.value) }, entries.map(([value, name]) => h('option', { value }, name)));
  const kind = choice('Of what', Object.entries(kinds), (value) => url.patch({ kind: value === 'server' ? '' : value, field: '', ...Object.fromEntries(filters.map((each) => [each, ''])) }, {}));
  const field = h('select', { 'aria-label': 'Figure', onchange: () => url.patch({ field: field.value }, {}) });
  const span = choice('Span', Object.keys(spans).map((each) => [each, `last ${each}`]), (value) => url.patch({ span: value === '1h' ? '' : value, since: '', until: '' }, {}));
  const compare = choice('Compared', Object.entries(compared).map(([value, name]) => [value, `compared ${name}`]), (value) => url.patch({ compare: value }, {}));
  const total = h('input', { type: 'checkbox', onchange: () => url.patch({ total: total.checked ? '' : '0' }) });
  const narrowed = h('span', { class: 'row' });
  const again = h('button', { type: 'button', onclick: () => url.patch({ since: '', until: '' }, {}) }, 'Whole span');
  const exact = h('a', { class: 'mono', 'data-plain': true, target: '_blank', rel: 'noopener' });
  const chart = makeChart({ onZoom: (from, until) => url.patch({ since: iso(from), until: iso(until) }, {}) });
  const note = h('p', { class: 'quiet', role: 'status' }, 'Asking …');
  root.append(head.element, h('div', { class: 'toolbar' }, kind, field, span, compare, h('label', { class: 'row' }, total, 'with all together'), again, narrowed), problem.element, chart.element, note,
    h('p', { class: 'quiet' }, 'Asked: ', exact));

  const iso = (time) => new Date(time * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const figure = () => figureOf(kindOf(), present.parameters.get('field'));
  const kindOf = () => present.parameters.get('kind') in kinds ? present.parameters.get('kind') : 'server';

  /** From when to when, in seconds. */
  function range() {
    const since = f.parseTime(present.parameters.get('since'));
    const until = f.parseTime(present.parameters.get('until'));
    if (since !== undefined && until !== undefined && since < until) return [since, until];
    const length = spans[present.parameters.get('span')] ?? 3600;
    // A moment that is shown stands in the middle of what surrounds it.
    const at = store.moment ? f.parseTime(store.at) ?? f.parseTime(store.moment) : undefined;
    const end = at === undefined ? f.now() : Math.min(f.now(), at + length / 2);
    return [end - length, end];
  }

  function path(from, until) {
    const scope = ['cluster', 'server', 'account'].includes(store.scope.kind) ? store.scope.path : '';
    const narrow = Object.fromEntries(filters.map((each) => [each, present.parameters.get(each)]));
    if (store.scope.kind === 'account') delete narrow.account;
    return `${scope}/history${query({ kind: kindOf(), field: figure().field, since: iso(from), until: iso(until), ...narrow })}`;
  }

  const stop = store.every(10, async (signal) => {
    const [from, until] = range();
    const before = seconds[present.parameters.get('compare')];
    asked = path(from, until);
    exact.href = url.apiAddress(asked);
    setText(exact, decodeURIComponent(asked));
    try {
      const [answer, past] = await Promise.all([get(asked, { signal }), before ? get(path(from - before, until - before), { signal }).catch((error) => ({ error })) : undefined]);
      problem.clear();
      show(answer.document, past, from, until, before);
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      if (error.status === 404 && await showHeard(from, until, signal)) return;
      problem.show(error.message);
      setText(note, '');
      throw error;
    }
  });

  /** What is not recorded was heard for a quarter of an hour at least. Answers whether that is shown. */
  async function showHeard(from, until, signal) {
    const wanted = figure();
    const heard = heardField(kindOf(), wanted);
    if (!heard || store.moment) return false;
    const scope = ['cluster', 'server'].includes(store.scope.kind) ? store.scope.path : '';
    asked_ = `${scope}/history${query({ field: heard, since: '15m', server: present.parameters.get('server') })}`;
    exact.href = url.apiAddress(asked_);
    setText(exact, decodeURIComponent(asked_));
    const { document } = await get(asked_, { signal });
    const lines = linesOfHeartbeats(document, heard).slice(0, most);
    lines.forEach((line, index) => {
      line.colour = index;
      line.link = linkOf(line);
    });
    problem.clear();
    const begin = Math.max(from, until - spans['15m']);
    chart.show({ lines, from: begin, until, step: 30, text: wanted.text, title: `${wanted.label}, servers` });
    head.note(`${wanted.label} · ${momentText(begin, f.now())} to ${momentText(until, f.now())}`);
    setText(note, 'As heard in the last quarter of an hour: nothing is recorded. With --record this goes over any span.');
    return true;
  }

  function show(document, past, from, until, before) {
    const wanted = figure();
    const all = linesOf(document, wanted);
    const lines = all.slice(0, most);
    lines.forEach((line, index) => {
      line.colour = index;
      line.link = linkOf(line);
    });
    const shown = total.checked && all.length > 1 && wanted.field !== 'rtt' && wanted.field !== 'cpu' ? [totalOf(all), ...lines] : lines;
    if (past?.document) {
      const earlier = linesOf(past.document, wanted, { shift: before, isPast: true });
      for (const line of lines) {
        const twin = earlier.find((each) => each.name === line.name);
        if (twin) shown.push({ ...twin, name: `${line.name}, ${compared[present.parameters.get('compare')]}`, colour: line.colour, restarts: [] });
      }
    }
    chart.show({ lines: shown, from, until, step: document.step, text: wanted.text, title: `${wanted.label}, ${kinds[kindOf()].toLowerCase()}` });
    head.note(`${wanted.label} · ${momentText(from, f.now())} to ${momentText(until, f.now())}`);
    const left = all.length - lines.length + (document.left_out ?? 0);
    setText(note, all.length === 0 ? 'Nothing of this was recorded in this span. The record begins with serve --record; figures come with its first two epochs.'
      : [`Steps of ${f.duration(document.step)}.`, left > 0 ? `${f.count(left)} more are not drawn: the smallest.` : '', past && !past.document ? `Of before: ${past.error?.message ?? 'nothing is recorded.'}` : ''].filter(Boolean).join(' '));
  }

  function linkOf({ row }) {
    if (!row) return undefined;
    if (row.consumer) return url.link('jetstream', { open: `${row.account}/${row.stream}/${row.consumer}` });
    if (row.stream) return url.link('jetstream', { open: `${row.account}/${row.stream}` });
    if (row.account) return url.link('accounts', { open: row.account }, '');
    if (row.remote || row.gateway) return url.link('topology', { q: row.server }, '');
    return url.link('servers', { open: row.server }, '');
  }

  function update(next) {
    present = next;
    kind.value = kindOf();
    replace(field, figures[kindOf()].map((each) => h('option', { value: each.field }, each.label)));
    field.value = figure().field;
    span.value = present.parameters.get('span') || '1h';
    compare.value = present.parameters.get('compare') ?? '';
    total.checked = present.parameters.get('total') !== '0';
    again.hidden = !present.parameters.get('since');
    replace(narrowed, filters.filter((each) => present.parameters.get(each)).map((each) => h('span', { class: 'tag' }, `${each} ${present.parameters.get(each)} `,
      h('button', { type: 'button', class: 'plain', 'aria-label': `Not only ${each} ${present.parameters.get(each)}`, onclick: () => url.patch({ [each]: '' }, {}) }, '✕'))));
    if (asked !== '' && asked !== path(...range())) stop.now();
  }

  update(state);
  return { update, destroy: stop };
}
