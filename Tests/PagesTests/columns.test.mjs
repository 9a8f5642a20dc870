import test from 'node:test';
import assert from 'node:assert/strict';
import { FakeElement } from './page.mjs';
import * as columns from '../../Public/assets/js/columns.js';
import * as f from '../../Public/assets/js/format.js';
import { nextSort, parseSort, sortRows, sortText } from '../../Public/assets/js/table.js';

function shown(column, row) {
  const cell = new FakeElement('td');
  column.create?.(cell, row);
  column.show(cell, row);
  return cell;
}

test('a word, and an em dash where there is none', () => {
  const column = columns.text('name', 'Name', 5, (row) => row.name, { title: (row) => row.id, className: (row) => row.bad ? 'bad' : '' });
  assert.deepEqual([column.key, column.label, column.width, column.number], ['name', 'Name', 5, undefined]);
  const cell = shown(column, { name: '<b>', id: 'N1', bad: true });
  assert.deepEqual([cell.textContent, cell.title, cell.className], ['<b>', 'N1', 'bad']);
  assert.equal(shown(columns.text('x', 'X', 1, () => undefined), {}).textContent, '—');
});

test('a number as people read it, the exact one on hover; never a zero for what is not known', () => {
  const column = columns.figure('mem', 'Memory', 5, (row) => row.mem, f.bytes, { title: 'Resident' });
  assert.deepEqual([column.number, column.title], [true, 'Resident']);
  const cell = shown(column, { mem: 12345678 });
  assert.deepEqual([cell.textContent, cell.title], ['12.3 MB', '12,345,678']);
  assert.equal(shown(column, {}).textContent, '—');
});

test('a bar as long as its share', () => {
  const column = columns.bar('cpu', 'CPU', 4, (row) => row.cpu, f.percent, (row) => row.cpu / 400);
  const [bar] = shown(column, { cpu: 300 }).children;
  const [text, track] = bar.children;
  assert.deepEqual([text.textContent, track.children[0].style.width, bar.title], ['300 %', '75%', '300']);
});

test('a number against its limit, or without one', () => {
  const column = columns.against('bytes', 'Bytes', 7, (row) => row.used, (row) => row.limit, f.bytes);
  const width = (row) => shown(column, row).children[0].children[1].children[0].style.width;
  assert.deepEqual([width({ used: 900, limit: 1000 }), width({ used: 900, limit: -1 }), width({ used: 900 }), width({ limit: 5 })], ['90%', '0%', '0%', '0%']);
  assert.equal(shown(column, { used: 900, limit: 1000 }).children[0].title, '900 of 1,000');
  assert.equal(shown(column, { used: 900, limit: -1 }).children[0].title, '900, no limit');
});

test('rows are sorted by value, names as people count, unknown last either way', () => {
  const rows = ['n10', 'n2', undefined, 'n1'].map((name) => ({ name }));
  const names = (direction) => sortRows(rows, (row) => row.name, direction).map((row) => row.name);
  assert.deepEqual(names('ascending'), ['n1', 'n2', 'n10', undefined]);
  assert.deepEqual(names('descending'), ['n10', 'n2', 'n1', undefined]);
});

test('the sort stands in the address and turns with a second click', () => {
  const all = [columns.text('name', 'Name', 5, (row) => row.name), columns.figure('mem', 'Memory', 5, (row) => row.mem, f.bytes)];
  const standard = { key: 'name', direction: 'ascending' };
  assert.deepEqual(parseSort('-mem', all, standard), { key: 'mem', direction: 'descending' });
  assert.deepEqual(parseSort('nonsense', all, standard), standard);
  const first = nextSort(standard, all[1]);
  assert.equal(sortText(first), '-mem', 'figures begin with the largest');
  assert.equal(sortText(nextSort(first, all[1])), 'mem');
});
