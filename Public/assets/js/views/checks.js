// Every check: what it looks at, what it says now, when it last fired, its thresholds, and what is to be done.

import { h, replace, setText } from '../dom.js';
import { get } from '../api.js';
import { text } from '../columns.js';
import * as f from '../format.js';
import { detailHead, detailPane, listTable, problemLine, searchBox, viewHead } from '../view.js';
import { findingItem } from '../findings.js';
import { isAudible } from '../store.js';
import * as url from '../url.js';

const gravity = { critical: 3, warning: 2, info: 1 };
const words = { critical: 'critical', warning: 'warning', info: 'note' };

const columns = [
  { ...text('now', 'Says now', 8, (row) => row.state, { className: (row) => ({ critical: 'bad', warning: 'warn' })[row.worst] ?? 'quiet' }), value: (row) => row.weight, sort: 'descending' },
  text('title', 'Check', 31, (row) => row.title),
  text('about', 'About', 6.5, (row) => row.about),
  text('severities', 'Can be', 8, (row) => row.severities.map((each) => words[each]).join(', ')),
  { ...text('fired', 'Last fired', 9, (row) => row.open ? 'now' : row.last === undefined ? '' : `${f.duration(Math.max(0, Math.floor(f.now() - row.last)))} ago`, { title: (row) => row.last === undefined ? 'Not within the last day of the record' : f.clockTime(new Date(row.last * 1000).toISOString()) }), value: (row) => row.open ? Infinity : row.last, sort: 'descending' },
  text('code', 'Code', 17, (row) => row.code),
];

/**
 * What each check says: { ...check, state, worst, weight, findings, unknown, last, open }.
 * @param {any[]} checks
 * @param {any} judged what `/findings` says
 * @param {any[]} incidents
 */
export function judgedChecks(checks, judged, incidents) {
  const reasons = new Map((judged?.checks?.unknown ?? []).flatMap(({ reason, checks: codes }) => codes.map((code) => [code, reason])));
  return checks.map((check) => {
    const findings = (judged?.findings ?? []).filter((finding) => finding.code === check.code);
    // What is muted is told beside the check, and says nothing for it.
    const loud = findings.filter(isAudible);
    const worst = loud.map((finding) => finding.severity).sort((a, b) => gravity[b] - gravity[a])[0];
    const fired = incidents.filter((each) => each.kind === 'finding' && each.code === check.code);
    const unknown = reasons.get(check.code);
    return {
      ...check, findings, worst, unknown, open: loud.length > 0, weight: worst ? gravity[worst] : unknown ? 0.5 : 0,
      state: worst ? `${loud.length > 1 ? `${f.count(loud.length)} × ` : ''}${words[worst]}` : !judged ? 'asking …' : unknown ? 'not known' : findings.length ? 'muted' : 'well',
      last: fired.map((each) => f.parseTime(each.closed ?? each.last?.at)).filter((time) => time !== undefined).sort((a, b) => b - a)[0], fired,
    };
  });
}

export function mount(root, { store, state }) {
  let checks;
  let judged;
  let incidents = [];
  let present = state;
  const head = viewHead('Checks');
  const find = searchBox('Find a check');
  const problem = problemLine();
  const deep = h('input', { type: 'checkbox', onchange: () => url.patch({ deep: deep.checked ? '1' : '' }) });
  const table = listTable({ caption: 'Checks', columns, key: (row) => row.code, opens: (row) => row.code, sort: { key: 'now', direction: 'descending' }, texts: (row) => [row.code, row.title, row.about, row.remedy, ...row.others.map((other) => other.code)] });
  const detail = detailPane(root, table.element, (element, code, close) => {
    open(element, code, close);
    return () => {};
  });
  root.append(head.element, h('div', { class: 'toolbar' }, find.element, h('label', { class: 'row' }, deep, 'also what is large to ask for: consumers, every connection, Raft groups')), problem.element, detail.element);

  const stop = store.every(15, async (signal) => {
    const scope = ['cluster', 'server'].includes(store.scope.kind) ? store.scope.path : '';
    try {
      const wanted = present.parameters.get('deep') === '1' ? '?deep=1' : '';
      const [all, now, past] = await Promise.all([
        checks ? undefined : get('/checks', { signal }), get(`${scope}/findings${wanted}`, { signal }), get(`${scope}/incidents?since=24h&limit=2000`, { signal }).catch(() => undefined),
      ]);
      checks ??= all.document.checks;
      judged = now.document;
      incidents = past?.document.incidents ?? [];
      problem.clear();
    } catch (error) {
      if (error.name !== 'AbortError') problem.show(error.message);
      throw error;
    }
    show();
  });

  const rows = () => judgedChecks(checks ?? [], judged, incidents);

  function show() {
    const all = rows();
    const shown = table.show(all, { empty: checks ? (table.wanted() ? `No check fits “${table.wanted()}”.` : '') : problem.isEmpty() ? 'Asking …' : '' });
    const firing = all.filter((row) => row.open).length;
    head.note(checks ? `${shown.length < all.length ? `${f.count(shown.length)} of ` : ''}${f.plural(all.length, 'check')}: ${f.count(firing)} ${firing === 1 ? 'speaks' : 'speak'}, ${f.count(all.filter((row) => row.unknown && !row.open).length)} cannot tell, ${f.count(all.filter((row) => !row.unknown && !row.open).length)} well` : '');
    const code = present.parameters.get('open');
    const pane = /** @type {HTMLElement | null} */ (root.querySelector('.detail'));
    if (code && pane && !pane.hidden) fill(pane, code);
  }

  function open(element, code, close) {
    replace(element, detailHead(code, close), h('div', { class: 'check-body' }));
    fill(element, code);
  }

  function fill(element, code) {
    const row = rows().find((each) => each.code === code);
    const body = element.querySelector('.check-body');
    if (!row || !body) {
      if (body && checks) setText(body, 'There is no such check.');
      return;
    }
    if (body.shown_ === JSON.stringify([row, Math.floor(f.now() / 15)])) return;
    body.shown_ = JSON.stringify([row, Math.floor(f.now() / 15)]);
    const section = (title, ...content) => h('section', { class: 'section' }, h('h3', {}, title), content);
    replace(body, h('p', {}, row.title), h('p', { class: 'notice' }, row.remedy),
      section('Now', row.findings.length ? h('ul', { class: 'findings' }, row.findings.slice(0, 50).map((finding) => findingItem(finding))) : h('p', { class: 'quiet' }, row.unknown ? `Not known: ${row.unknown}.` : 'Nothing of this is found.')),
      section('The last day', row.fired.length ? h('ul', { class: 'plain-list' }, row.fired.slice(0, 30).map((each) => h('li', {}, h('span', { class: 'mono' }, `${f.clockTime(each.opened)} – ${each.closed ? f.clockTime(each.closed) : 'now'}`), each.last?.sentence ?? ''))) : h('p', { class: 'quiet' }, 'It did not speak, as far as was recorded.')),
      section('Thresholds', row.thresholds.length ? h('dl', { class: 'facts' }, row.thresholds.map((each) => [h('dt', {}, each.name), h('dd', {}, `${f.exact(each.value)}${each.unit ? ` ${each.unit}` : ''}${each.value === each.standard ? '' : `, instead of ${f.exact(each.standard)}`}: ${each.help}`)])) : h('p', { class: 'quiet' }, 'none')),
      section('Rests on', h('p', {}, row.needs.map((each, index) => [index ? ', ' : '', /^[a-z]+z?$/.test(each) ? h('a', { class: 'mono', href: url.link('explore', { path: `/${each}` }, '') }, each) : each]))),
      row.others.length ? section('Elsewhere', h('p', {}, row.others.map((each) => `${each.tool} ${each.code}`).join(', '))) : null);
  }

  function update(next) {
    const before = present.parameters.get('deep');
    present = next;
    deep.checked = next.parameters.get('deep') === '1';
    table.update(next.parameters);
    find.update(next.parameters);
    detail.show(next.parameters.get('open') ?? '');
    if (checks && before !== next.parameters.get('deep')) stop.now();
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      stop();
      detail.destroy();
      table.destroy();
    },
  };
}
