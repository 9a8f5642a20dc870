// The kinds of columns that tables are made of. A column sorts by `value`, and shows it.

import { setText } from './dom.js';
import * as f from './format.js';
import { barCell } from './spark.js';

/** A word. `title(row)` says more where there is more to say. */
export function text(key, label, width, value, more = {}) {
  const { title = value, className, ...rest } = more;
  return {
    key, label, width, value,
    show(cell, row) {
      setText(cell, value(row) || f.unknown);
      cell.title = title(row) ?? '';
      if (className) cell.className = className(row) ?? '';
    },
    ...rest,
  };
}

/** A number as `format` writes it, the exact one on hover. */
export function figure(key, label, width, value, format, more = {}) {
  const { exact = (row) => f.exact(value(row)), title, ...rest } = more;
  return {
    key, label, width, value, title, number: true,
    show(cell, row) {
      setText(cell, format(value(row)));
      cell.title = exact(row);
    },
    ...rest,
  };
}

/** A number over a bar whose length is `share(row)`, from 0 to 1, on the scale for load. */
export function bar(key, label, width, value, format, share, more = {}) {
  const { exact = (row) => f.exact(value(row)), ...rest } = more;
  return {
    key, label, width, value, number: true,
    create(cell) { cell.append(cell.bar_ = barCell()); },
    show(cell, row) { cell.bar_.show(format(value(row)), share(row), exact(row), true); },
    ...rest,
  };
}

/** A number against its limit: a bar where there is one. */
export function against(key, label, width, value, limit, format, more = {}) {
  const bound = (row) => limit(row) ?? 0;
  return bar(key, label, width, value, format, (row) => bound(row) > 0 ? (value(row) ?? 0) / bound(row) : 0, {
    exact: (row) => bound(row) > 0 ? `${f.exact(value(row))} of ${f.exact(bound(row))}` : `${f.exact(value(row))}, no limit`,
    ...more,
  });
}

/** The column of a key. */
export function named(columns, key) {
  return columns.find((column) => column.key === key);
}
