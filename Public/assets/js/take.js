// What is shown, to take along: as CSV, as NDJSON, as a curl command, as a link; and which columns are shown.

import { announce, copyText, h, setText } from './dom.js';
import * as url from './url.js';

/** Text of a table: a line for each row, fields in quotation marks where they must be. A field that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvOf(columns, rows) {
  const field = (value) => {
    let text = value === undefined || value === null || Number.isNaN(value) ? '' : String(value);
    if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const shown = columns.filter((column) => column.value);
  return [shown.map((column) => field(column.label)), ...rows.map((row) => shown.map((column) => field(column.value(row))))].map((line) => `${line.join(',')}\r\n`).join('');
}

/** A command that a shell takes as it is. */
export function curlOf(address) {
  return `curl -s '${address.replaceAll("'", "'\\''")}'`;
}

function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const anchor = h('a', { href: address, download: name, 'data-plain': true });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * The menu: { name, columns(), rows(), path() }; what there is no answer for is left out.
 * @param {{ name: string, columns?: () => any[], rows?: () => any[], path?: () => string }} what
 */
export function makeTake({ name, columns, rows, path }) {
  const said = h('span', { class: 'quiet', role: 'status' });
  const menu = h('details', { class: 'menu' }, h('summary', {}, 'Take along'));
  const copied = async (text, what) => {
    const done = await copyText(text);
    setText(said, done ? `${what} copied` : 'The browser does not allow copying here.');
    announce(said.textContent);
  };
  const file = (extension) => `natsight-${name.toLowerCase().replaceAll(' ', '-')}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${extension}`;
  const entry = (label, action) => h('li', {}, h('button', { type: 'button', class: 'plain', onclick: () => { action(); menu.open = false; } }, label));
  menu.append(h('ul', { class: 'menu-list' },
    rows && columns ? [entry('CSV of the rows shown', () => download(file('csv'), 'text/csv', csvOf(columns(), rows()))), entry('NDJSON of the rows shown', () => download(file('ndjson'), 'application/x-ndjson', rows().map((row) => `${JSON.stringify(row)}\n`).join('')))] : null,
    path ? entry('Copy as curl', () => copied(curlOf(location.origin + url.apiAddress(path())), 'Command')) : null,
    entry('Copy link', () => copied(location.href, 'Link')), entry('Print', () => print())));
  return h('span', { class: 'row' }, menu, said);
}

/** Which of a table's columns are shown: the choice is kept in this browser. The first always is. */
export function makeColumnChoice(name, columns, change) {
  const key = `columns ${name}`;
  const read = () => {
    try {
      return new Set(JSON.parse(localStorage.getItem(key) ?? 'null') ?? columns.filter((column) => column.hidden).map((column) => column.key));
    } catch {
      return new Set();
    }
  };
  let hidden = read();
  const element = h('details', { class: 'menu' }, h('summary', {}, 'Columns'), h('ul', { class: 'menu-list' }, columns.slice(1).map((column) => h('li', {}, h('label', { class: 'row' },
    h('input', { type: 'checkbox', checked: !hidden.has(column.key), onchange: (event) => {
      if (event.target.checked) hidden.delete(column.key);
      else hidden.add(column.key);
      localStorage.setItem(key, JSON.stringify([...hidden]));
      change();
    } }), column.label || column.title)))));
  return { element, shown: () => columns.filter((column, index) => index === 0 || !hidden.has(column.key)) };
}
