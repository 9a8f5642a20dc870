// Any path as foldable JSON: search, copy a path or a value, raw, and what changed since the last look.

import { h, replace, setText, copyText, announce } from '../dom.js';
import { get } from '../api.js';
import { completenessText } from '../frame.js';
import { homePath, placed } from '../place.js';
import { membersOf, memberOf, rowsOf } from '../rowsof.js';
import { makeTake } from '../take.js';
import { makeTable, nextSort, parseSort, sortRows, sortText } from '../table.js';
import { makeTree } from '../tree.js';
import { makeForm } from '../form.js';
import { fallbackEndpoints } from './overview.js';
import * as url from '../url.js';

export function mount(root, { store, state }) {
  const path = h('input', { type: 'text', class: 'path mono', 'aria-label': 'Path', spellcheck: 'false', autocomplete: 'off', list: 'paths' });
  const known = h('datalist', { id: 'paths' });
  const search = h('input', { type: 'search', placeholder: 'Find a name or a value', 'aria-label': 'Find in the document' });
  const hitNote = h('span', { class: 'quiet', role: 'status' });
  const before = h('button', { type: 'button', hidden: true, onclick: () => said(tree.next(-1)), title: 'Shift Enter' }, 'Previous');
  const after = h('button', { type: 'button', hidden: true, onclick: () => said(tree.next(1)), title: 'Enter' }, 'Next');
  const compare = h('a', {}, 'What changed');
  const asTable = h('button', { type: 'button', 'aria-pressed': 'false', hidden: true, onclick: () => url.patch({ table: tableWanted ? '' : '1' }, {}) }, 'As a table');
  const tableHolder = h('div', {});
  const take = makeTake({ name: 'document', columns: () => columns, rows: () => rows, path: () => asked });
  const refresh = h('button', { type: 'button', onclick: () => load() }, 'Refresh');
  const follow = h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => setFollow(!following), title: 'Ask again every two seconds; changes are marked, counters become rates' }, 'Follow');
  const unfold = h('button', { type: 'button', onclick: () => tree.foldAll(false) }, 'Unfold');
  const fold = h('button', { type: 'button', onclick: () => tree.foldAll(true) }, 'Fold');
  const copy = h('button', { type: 'button', onclick: () => copied(text) }, 'Copy');
  const raw = h('a', { 'data-plain': true, target: '_blank', rel: 'noopener' }, 'Raw');
  const status = h('p', { class: 'quiet status' });
  const form = h('div', {});
  const crumbs = h('p', { class: 'crumbs' });
  const tree = makeTree({ onCopy: copied });
  const goTo = () => url.go(url.link('explore', { path: path.value.startsWith('/') ? path.value : `/${path.value}` }));
  root.append(
    h('div', { class: 'head' }, h('h1', {}, 'Explore'), crumbs),
    h('form', { class: 'toolbar', onsubmit: (event) => { event.preventDefault(); goTo(); } }, h('span', { class: 'mono faint' }, 'GET'), path, known, h('button', {}, 'Open')),
    form,
    h('div', { class: 'toolbar' }, search, hitNote, before, after, asTable, unfold, fold, refresh, follow, copy, raw, compare, h('span', { class: 'grow' }), take),
    status, tableHolder, tree.element);
  let typing;
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => url.patch({ q: search.value }), 200);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    said(tree.next(event.shiftKey ? -1 : 1));
  });

  /** "3 of 42". */
  function said({ count, at }) {
    const wanted = search.value.trim() !== '';
    setText(hitNote, !wanted ? '' : count === 0 ? 'not found' : `${(at + 1).toLocaleString('en-US')} of ${count.toLocaleString('en-US')}`);
    before.hidden = after.hidden = !wanted || count < 2;
  }

  let asked = '';
  let tableWanted = false;
  let rows = [];
  let columns = [];
  let table;
  let parameters = state.parameters;
  let known_;
  let text = '';
  let following = false;
  let timer;
  let controller;
  let fetchedAt;

  function update(next) {
    const scope = store.scope.path;
    const wanted = next.parameters.get('path') || `${scope}/${store.scope.kind === 'account' ? 'info' : 'varz'}`;
    if (document.activeElement !== search) search.value = next.parameters.get('q') ?? '';
    parameters = next.parameters;
    const wasTable = tableWanted;
    tableWanted = next.parameters.get('table') === '1';
    if (wanted === asked) {
      if (wasTable || tableWanted) showTable();
      said(tree.search(next.parameters.get('q') ?? ''));
      return;
    }
    asked = wanted;
    path.value = wanted;
    tree.clear();
    showCrumbs(crumbs, wanted);
    const address = url.apiAddress(wanted);
    raw.href = `${address}${address.includes('?') ? '&' : '?'}format=json`;
    const moment = store.moment || '-10m';
    compare.href = url.link('explore', { path: `/diff${wanted.replace(/([?&])(limit|offset)=[^&]*/g, '$1')}${wanted.includes('?') ? '&' : '?'}from=${encodeURIComponent(moment)}` }, '', '');
    compare.hidden = wanted.startsWith('/diff') || !/z(\?|$)/.test(wanted);
    setText(compare, store.moment ? 'What has changed since' : 'What changed in 10 minutes');
    makeForm(form, wanted, (changed) => url.go(url.link('explore', { path: changed })));
    load();
  }

  /** The document's rows, where it is asked for. */
  function showTable() {
    const isTable = tableWanted && known_ !== undefined;
    asTable.setAttribute('aria-pressed', String(isTable));
    tree.element.hidden = isTable;
    tableHolder.hidden = !isTable;
    rows = known_?.rows ?? [];
    columns = membersOf(rows).map((name) => ({ key: name, label: name, width: Math.max(5, Math.min(14, name.length * 0.6)), number: typeof memberOf(rows[0] ?? {}, name) === 'number', value: (row) => memberOf(row, name), show: (cell, row) => { setText(cell, memberOf(row, name) ?? '—'); cell.title = cell.textContent; } }));
    if (!isTable) return;
    const sort = parseSort(parameters.get('sort'), columns, { key: '', direction: 'ascending' });
    table?.destroy();
    table = makeTable(columns, { caption: known_.path, key: (row) => rows.indexOf(row), onSort: (_, column) => url.patch({ sort: sortText(nextSort(sort, column)) }) });
    replace(tableHolder, table.element);
    const wanted = search.value.trim().toLowerCase();
    const fitting = wanted ? rows.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted)) : rows;
    table.show(sort.key ? sortRows(fitting, (row) => memberOf(row, sort.key), sort.direction) : fitting, { sorted: sort, empty: 'No row fits.' });
  }

  async function load() {
    controller?.abort();
    controller = new AbortController();
    clearTimeout(timer);
    const wanted = asked;
    try {
      const answer = await get(wanted, { signal: controller.signal });
      text = answer.text;
      fetchedAt = Date.now();
      const complete = answer.completeness ? ` · ${completenessText(answer.completeness, store.roster)}` : '';
      setText(status, `${answer.status === 200 ? '' : `status ${answer.status} · `}${text.length.toLocaleString('en-US')} bytes${complete}`);
      status.classList.toggle('bad', answer.completeness?.complete === false);
      known_ = rowsOf(answer.document);
      asTable.hidden = !known_;
      showTable();
      const isFirst = !tree.hasDocument();
      tree.show(answer.document, fetchedAt / 1000);
      if (search.value.trim()) said(tree.search(search.value, !isFirst));
    } catch (error) {
      if (error.name === 'AbortError') return;
      setText(status, error.message);
      status.classList.add('bad');
      if (!tree.hasDocument()) replace(tree.element, h('p', { class: 'empty' }, 'There is nothing to show at this path. The endpoints are listed on the overview.'));
    }
    if (following) timer = setTimeout(() => (document.hidden || !store.live ? undefined : load()), 2000);
  }

  function setFollow(on) {
    following = on;
    follow.setAttribute('aria-pressed', String(on));
    if (on) load();
    else clearTimeout(timer);
  }

  async function copied(value) {
    const done = await copyText(value);
    announce(done ? 'Copied' : 'The browser does not allow copying here');
    setText(status, done ? 'Copied.' : 'The browser does not allow copying here.');
  }

  const fillKnown = () => replace(known, fallbackEndpoints.flatMap(([name]) => ['', '/merged'].map((prefix) => h('option', { value: `${prefix}/${name}` })))
    .concat(store.roster.map((server) => h('option', { value: `/server/${encodeURIComponent(server.name)}/varz` })), ['/servers', '/accounts', '/findings', '/history', '/closed', '/fields', '/openapi.json'].map((value) => h('option', { value }))));
  fillKnown();
  store.addEventListener('change', fillKnown, { once: true });
  update(state);
  return {
    update,
    destroy() {
      clearTimeout(timer);
      clearTimeout(typing);
      controller?.abort();
      table?.destroy();
    },
  };
}

/** Every step of the path as a way back. */
function showCrumbs(element, path) {
  const [route] = path.split('?');
  const segments = route.split('/').filter(Boolean);
  const parts = [h('a', { href: homePath() }, 'Overview')];
  if (segments[0] === 'server' && segments.length > 2) {
    const name = decodeURIComponent(segments[1]);
    parts.push(h('a', { href: url.link('servers', { open: name }, '') }, name));
  } else if (segments[0] === 'cluster' && segments.length > 2) {
    const name = decodeURIComponent(segments[1]);
    parts.push(h('a', { href: url.link('servers', {}, `cluster/${name}`) }, `cluster ${name}`));
  } else if (segments[0] === 'account' && segments.length > 2) {
    const name = decodeURIComponent(segments[1]);
    parts.push(h('a', { href: url.link('accounts', { open: name }, '') }, `account ${name}`));
  }
  parts.push(h('span', { class: 'mono' }, segments.at(-1) ?? ''));
  replace(element, parts.map((part, index) => [index ? h('span', { class: 'faint' }, ' › ') : null, part]));
}

