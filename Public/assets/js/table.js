// A table whose rows are drawn as they come into view: ten thousand rows cost what fifty cost.

import { h, reconcile, replace, setText } from './dom.js';

const rowHeight = 28;

/**
 * columns: [{ key, label, width, number, sort: 'ascending'|'descending'|false, title, create, show(cell, row) }]
 * options: { key(row), onSort(key), onOpen(row), caption, empty }
 */
export function makeTable(columns, options) {
  const body = h('tbody', {});
  const headers = columns.map((column) => {
    const label = column.sort === false ? column.label
      : h('button', { type: 'button', onclick: () => options.onSort?.(column.key, column) }, column.label);
    return h('th', { scope: 'col', class: column.number ? 'num' : '', title: column.title }, label);
  });
  const group = h('colgroup', {}, columns.map((column) => {
    const element = h('col', {});
    if (column.width) element.style.width = `${column.width}rem`;
    return element;
  }));
  // Rows that open something are moved through with the arrow keys, as in any grid.
  const table = h('table', { class: 'grid', role: options.onOpen ? 'grid' : undefined }, h('caption', { class: 'visually-hidden' }, options.caption),
    group, h('thead', {}, h('tr', { 'aria-rowindex': 1 }, headers)), body);
  const above = h('tr', { class: 'pad', 'aria-hidden': 'true' }, h('td', { colspan: columns.length }));
  const below = h('tr', { class: 'pad', 'aria-hidden': 'true' }, h('td', { colspan: columns.length }));
  const emptyRow = h('tr', { class: 'pad' }, h('td', { colspan: columns.length }, h('div', { class: 'empty' })));
  above.reconcileKey = ' above';
  below.reconcileKey = ' below';
  emptyRow.reconcileKey = ' empty';

  let rows = [];
  let selected;
  let emptyText = '';
  let focused;

  function createRow(row) {
    const element = h('tr', { class: options.onOpen ? 'click' : '' });
    element.cells_ = columns.map((column) => {
      const cell = h('td', { class: column.number ? 'num' : '' });
      column.create?.(cell, row);
      element.append(cell);
      return cell;
    });
    if (options.onOpen) {
      element.addEventListener('focus', () => { focused = options.key(element.row_); });
      element.addEventListener('click', (event) => {
        if (!event.target.closest('a, button')) options.onOpen(element.row_);
      });
      element.addEventListener('keydown', (event) => {
        if (event.target !== element) return;
        if (event.key === 'Enter' || event.key === ' ') options.onOpen(element.row_);
        else if (!move(event.key, element.row_)) return;
        event.preventDefault();
      });
    }
    return element;
  }

  /** Focuses another row, scrolling to where it is drawn. */
  function move(key, from) {
    const at = rows.findIndex((row) => options.key(row) === options.key(from));
    const page = Math.max(1, Math.floor(document.getElementById('view').clientHeight / rowHeight) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length };
    if (!(key in steps) || at < 0) return false;
    const to = Math.min(rows.length - 1, Math.max(0, at + steps[key]));
    focused = options.key(rows[to]);
    const scroller = document.getElementById('view');
    const top = body.getBoundingClientRect().top - scroller.getBoundingClientRect().top + to * rowHeight;
    if (top < 2 * rowHeight) scroller.scrollTop += top - 2 * rowHeight;
    else if (top > scroller.clientHeight - 2 * rowHeight) scroller.scrollTop += top - scroller.clientHeight + 2 * rowHeight;
    draw();
    [...body.children].find((row) => row.reconcileKey === focused)?.focus({ preventScroll: true });
    return true;
  }

  function showRow(element, row, index) {
    if (!element.cells_) return;
    element.row_ = row;
    element.setAttribute('aria-rowindex', index + 2);
    if (options.onOpen) element.tabIndex = options.key(row) === focused ? 0 : -1;
    if (options.onOpen) element.setAttribute('aria-selected', String(selected !== undefined && options.key(row) === selected));
    element.classList.toggle('stale', row.stale === true);
    columns.forEach((column, index) => {
      const cell = element.cells_[index];
      if (column.show) column.show(cell, row);
      else {
        const text = row[column.key];
        setText(cell, text ?? '—');
        cell.title = text ?? '';
      }
    });
  }

  /** On paper there is no scrolling. */
  let isPrinting = false;
  const mostPrinted = 2000;

  function draw() {
    const scroller = document.getElementById('view');
    const top = table.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    const height = scroller.clientHeight || 900;
    const first = isPrinting ? 0 : Math.max(0, Math.floor((-top - 200) / rowHeight));
    const last = isPrinting ? Math.min(rows.length, mostPrinted) : Math.min(rows.length, Math.max(0, Math.ceil((height - top + 300) / rowHeight)));
    above.firstChild.style.height = `${first * rowHeight}px`;
    below.firstChild.style.height = `${Math.max(0, rows.length - last) * rowHeight}px`;
    table.setAttribute('aria-rowcount', rows.length + 1);
    if (rows.length === 0) {
      setText(emptyRow.firstChild.firstChild, emptyText);
      reconcile(body, emptyText ? [' empty'] : [], (key) => key, () => emptyRow);
      return;
    }
    const seen = rows.slice(first, last);
    let index = first - 1;
    reconcile(body, [' above', ...seen, ' below'], (row) => typeof row === 'string' ? row : options.key(row),
      (row) => row === ' above' ? above : row === ' below' ? below : createRow(row), (element, row) => typeof row !== 'string' && showRow(element, row, index += 1));
    // One stop for the tabulator key: the row that was last in focus, or else the first that is drawn.
    const top_ = body.querySelector('tr.click');
    if (top_ && !body.querySelector('tr.click[tabindex="0"]')) top_.tabIndex = 0;
  }

  let queued = false;
  const later = () => {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      if (table.isConnected) draw();
    });
  };
  document.getElementById('view').addEventListener('scroll', later, { passive: true });
  addEventListener('resize', later);
  const print = (on) => {
    isPrinting = on;
    if (table.isConnected) draw();
  };
  const [began, ended] = [() => print(true), () => print(false)];
  addEventListener('beforeprint', began);
  addEventListener('afterprint', ended);

  return {
    element: h('div', { class: 'scroll' }, table),
    /**
     * Shows these rows, in this order. `sorted` marks the column: { key, direction }.
     * @param {any[]} newRows
     * @param {{ sorted?: any, select?: string, empty?: string }} options
     */
    show(newRows, { sorted, select, empty } = {}) {
      rows = newRows;
      selected = select;
      emptyText = empty ?? options.empty ?? '';
      columns.forEach((column, index) => {
        if (sorted?.key === column.key) headers[index].setAttribute('aria-sort', sorted.direction);
        else headers[index].removeAttribute('aria-sort');
      });
      if (table.isConnected) draw();
      else later();
    },
    setLabel(key, label) {
      const index = columns.findIndex((column) => column.key === key);
      replace(headers[index].querySelector('button') ?? headers[index], label);
    },
    destroy() {
      document.getElementById('view').removeEventListener('scroll', later);
      removeEventListener('resize', later);
      removeEventListener('beforeprint', began);
      removeEventListener('afterprint', ended);
    },
  };
}

/**
 * Sorts rows by a column's value: numbers by size, text by the alphabet, unknown last.
 * @param {any[]} rows
 * @param {(row: any) => any} value
 * @param {string} direction
 */
export function sortRows(rows, value, direction) {
  const sign = direction === 'ascending' ? 1 : -1;
  const isUnknown = (x) => x === undefined || x === null || x === '';
  return rows.map((row, index) => ({ row, index, value: value(row) }))
    .sort((a, b) => {
      if (isUnknown(a.value) || isUnknown(b.value)) return Number(isUnknown(a.value)) - Number(isUnknown(b.value)) || a.index - b.index;
      const order = typeof a.value === 'number' ? a.value - b.value : String(a.value).localeCompare(String(b.value), 'en', { numeric: true });
      return sign * order || a.index - b.index;
    })
    .map((entry) => entry.row);
}

/** Reads "key" or "-key" from the URL. */
export function parseSort(text, columns, standard) {
  const descending = (text ?? '').startsWith('-');
  const key = descending ? text.slice(1) : text;
  if (!columns.some((column) => column.key === key)) return standard;
  return { key, direction: descending ? 'descending' : 'ascending' };
}

/** The sort after a click on a column. */
export function nextSort(present, column) {
  const first = column.sort ?? (column.number ? 'descending' : 'ascending');
  if (present.key !== column.key) return { key: column.key, direction: first };
  return { key: column.key, direction: present.direction === 'ascending' ? 'descending' : 'ascending' };
}

export function sortText({ key, direction }) {
  return direction === 'descending' ? `-${key}` : key;
}
