// What views are made of: a head, a line for problems, polling, a table that sorts and is searched, a detail beside it.

import { h, replace, setText } from './dom.js';
import { get } from './api.js';
import { named } from './columns.js';
import { makeTable, sortRows, parseSort, nextSort, sortText } from './table.js';
import { makeColumnChoice, makeTake } from './take.js';
import * as url from './url.js';

/** The line that says what is wrong with what is shown. */
export function problemLine() {
  const element = h('p', { class: 'bad' });
  return {
    element,
    isEmpty: () => element.textContent === '',
    show: (text) => setText(element, text),
    clear: () => setText(element, ''),
  };
}

/** "Not every server answered: b2, c1 and 3 more. These figures leave them out." */
export function incompleteText(completeness, consequence = '') {
  if (completeness?.complete !== false) return '';
  const names = (completeness.missing ?? []).map((entry) => entry.name || (entry.count ? `${entry.count} not known by name` : entry.id)).filter(Boolean);
  const shown = names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  return `Not every server answered${shown ? `: ${shown}` : ''}.${consequence ? ` ${consequence}` : ''}`;
}

/**
 * Asks a path now and then. `path()` may change between two times; `take(document, answer)` gets what came, `done(error)` is
 * called after each time; while `isWanted()` is false nothing is asked. What is wrong stands in the problem line. Answers how to stop; `stop.now()` asks at once.
 * @param {any} store
 * @param {number} seconds
 * @param {{ path: () => string, take: (document: any, answer: any, asked: string) => void, done: (error: any, asked: string) => void, problem: any, consequence?: string, isWanted?: () => boolean }} view
 */
export function poll(store, seconds, { path, take, done, problem, consequence, isWanted = () => true }) {
  return store.every(seconds, async (signal) => {
    if (!isWanted()) return;
    const asked = path();
    try {
      const answer = await get(asked, { signal });
      take(answer.document, answer, asked);
      problem.show(incompleteText(answer.completeness, consequence));
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      problem.show(error.message);
      done(error, asked);
      throw error;
    }
    done(undefined, asked);
  });
}

/** What an account has none of is shown of the whole system, and it is said. */
export function wholeSystem(scope, what) {
  return h('p', { class: 'quiet', hidden: scope.kind !== 'account' }, `${what} are not an account’s; shown is the whole system.`);
}

/** A box for the search of a view; what is typed stands in the URL as `q`, once the typing pauses for `wait` milliseconds. */
export function searchBox(label, what = label, wait = 0) {
  const input = h('input', { type: 'search', placeholder: label, 'aria-label': what });
  let timer;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    if (wait) timer = setTimeout(() => url.patch({ q: input.value, offset: '' }), wait);
    else url.patch({ q: input.value });
  });
  return {
    element: input,
    update(parameters) {
      if (document.activeElement !== input) input.value = parameters.get('q') ?? '';
    },
    /** What was typed last is not written into the URL of another view. */
    destroy: () => clearTimeout(timer),
  };
}

/** A pane beside a table. `open(element, id, close)` fills it and answers how to stop; `split` takes table and pane. */
export function detailPane(root, content, open) {
  const pane = h('aside', { class: 'detail', hidden: true });
  const split = h('div', { class: 'split' }, content, pane);
  const close = () => url.patch({ open: '', with: '' });
  let shown = '';
  let stop;
  root.addEventListener('close-detail', close);
  return {
    element: split,
    show(id) {
      if (id === shown) return;
      shown = id;
      stop?.();
      pane.hidden = !id;
      split.classList.toggle('open', Boolean(id));
      stop = id ? open(pane, id, close) : undefined;
    },
    destroy() {
      stop?.();
      root.removeEventListener('close-detail', close);
    },
  };
}

/** The head of a detail: its title, and the button that closes it. */
export function detailHead(title, close) {
  return h('header', {}, typeof title === 'string' ? h('h2', {}, title) : title, h('button', { type: 'button', class: 'plain', 'aria-label': 'Close', onclick: close }, '✕'));
}

/**
 * A table that is sorted by its headers and searched: { caption, columns, key, sort, parameter, texts(row), opens(row) }.
 * The sort stands in the URL under `parameter`; `texts` are what a search looks through.
 * @param {{ caption: string, columns: any[], key: (row: any) => string, sort: any, parameter?: string, texts: (row: any) => any[], opens?: (row: any) => string, onSort?: (key: string, column: any) => void }} spec
 */
export function listTable({ caption, columns, key, sort, parameter = 'sort', texts, opens, onSort }) {
  let present = sort;
  let parameters = new URLSearchParams();
  const table = makeTable(columns, {
    caption, key,
    onSort: onSort ?? ((_, column) => url.patch({ [parameter]: sortText(nextSort(present, column)) })),
    onOpen: opens && ((row) => url.patch({ open: parameters.get('open') === opens(row) ? '' : opens(row) }, {})),
  });
  return {
    element: table.element,
    wanted: () => (parameters.get('q') ?? '').toLowerCase(),
    fits(row) {
      const wanted = this.wanted();
      return !wanted || !texts || texts(row).some((each) => each?.toLowerCase?.().includes(wanted));
    },
    update(next) {
      parameters = next;
      present = parseSort(next.get(parameter), columns, present);
    },
    /**
     * Shows those of the rows that fit the search; answers them.
     * @param {any[]} rows
     * @param {{ empty?: string, select?: string, sorted?: any }} options
     */
    show(rows, { empty, select, sorted } = {}) {
      const fitting = rows.filter((row) => this.fits(row));
      const ordered = sorted ? fitting : sortRows(fitting, named(columns, present.key)?.value ?? (() => undefined), present.direction);
      table.show(ordered, { sorted: sorted ?? present, select: select ?? parameters.get('open'), empty });
      return ordered;
    },
    destroy: () => table.destroy(),
  };
}

/** The head of a view: its title, and a note beside it. */
export function viewHead(title) {
  const note = h('span', { class: 'quiet' });
  return { element: h('div', { class: 'head' }, h('h1', {}, title), note), note: (text) => setText(note, text) };
}

/**
 * A view that is columns and a path:
 *
 * title, find, texts        what it is called, what its search is for, and what of a row it looks through
 * path(), seconds           what it asks, and how often; once it is another path, it is asked at once
 * columns, key, sort        of its table; other columns make it anew
 * sorted(), onSort(key)     where the servers sort: by what they did, and what a click on a column asks for
 * rows(document, answer, isNew)      the rows of an answer; `isNew` where another path was asked before
 * inScope(row)              those of them that are shown
 * opens(row), opened(id)    what of a row names it in the URL; what is open where the URL names nothing
 * detail(element, id, close, find)   fills the pane beside it
 * above, tools, below       what stands over the search, beside it, and under the table
 * update(next)              takes the URL's parameters, before anything else does
 * showed(shown, all)        is called once rows are shown
 * empty, none               what stands where there is nothing; who does not fit a search
 * note(shown, all, document)         what stands beside the title
 * consequence               what it means here when not all servers answered
 */
export function mountList(root, { store, state }, spec) {
  let rows = [];
  let document_;
  let askedFor;
  let failed = false;
  let parameters = state.parameters;
  let columns;
  let table;
  let choice;
  let lastShown = [];
  const head = viewHead(spec.title);
  const find = searchBox(spec.find, spec.find, spec.wait);
  const problem = problemLine();
  const holder = h('div', {});
  const detail = detailPane(root, holder, (element, id, close) => spec.detail(element, id, close, (key) => rows.find((row) => spec.opens(row) === key)));
  const chooser = h('span', {});
  const take = makeTake({ name: spec.title, columns: () => choice.shown(), rows: () => lastShown, path: spec.path });
  root.append(head.element, ...(spec.above ? [spec.above] : []), h('div', { class: 'toolbar' }, find.element, spec.tools ?? [], h('span', { class: 'grow' }), chooser, take), problem.element, detail.element, ...(spec.below ? [spec.below] : []));
  const stop = poll(store, spec.seconds, {
    path: spec.path, problem, consequence: spec.consequence,
    take(document, answer, asked) {
      document_ = document;
      rows = spec.rows(document, answer, asked !== askedFor);
      askedFor = asked;
    },
    done(error, asked) {
      failed = error !== undefined;
      // Rows of another question say nothing about this one.
      if (failed && asked !== askedFor) rows = [];
      show();
    },
  });

  function makeList() {
    table?.destroy();
    table = listTable({ caption: spec.title, ...spec, columns: choice.shown() });
    table.update(parameters);
    replace(holder, table.element);
  }

  function emptyText() {
    if (failed && rows.length === 0) return '';
    if (document_ === undefined) return 'Asking …';
    return table.wanted() ? `${spec.none ?? 'Nothing here'} fits “${table.wanted()}”.` : spec.empty;
  }

  function show() {
    const all = spec.inScope ? rows.filter(spec.inScope) : rows;
    const shown = lastShown = table.show(all, { empty: emptyText(), sorted: spec.sorted?.() });
    head.note(document_ === undefined ? '' : spec.note(shown, all, document_));
    spec.showed?.(shown, all);
  }

  function update(next) {
    parameters = next.parameters;
    spec.update?.(next);
    if (columns !== spec.columns) {
      columns = spec.columns;
      choice = makeColumnChoice(spec.columnsName ?? spec.title, columns, () => {
        makeList();
        show();
      });
      replace(chooser, choice.element);
      makeList();
    }
    table.update(parameters);
    find.update(parameters);
    detail.show(parameters.get('open') || spec.opened?.() || '');
    if (askedFor !== undefined && askedFor !== spec.path()) stop.now();
    show();
  }

  update(state);
  return {
    update,
    destroy() {
      stop();
      find.destroy();
      detail.destroy();
      table.destroy();
    },
  };
}
