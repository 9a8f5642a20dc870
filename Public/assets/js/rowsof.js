// A document as rows, where it is rows: its longest list of objects, and what of them is worth a column.

const deepest = 5;
const most = 16;

/** { path, rows } of the longest list of objects in a document; undefined where there is none. */
export function rowsOf(document) {
  let best;
  const visit = (value, path, depth) => {
    if (value === null || typeof value !== 'object' || depth > deepest) return;
    if (Array.isArray(value)) {
      if (value.length && value.every((each) => each !== null && typeof each === 'object' && !Array.isArray(each)) && value.length > (best?.rows.length ?? 0)) best = { path, rows: value };
      for (const [index, each] of value.slice(0, 50).entries()) visit(each, `${path}[${index}]`, depth + 1);
      return;
    }
    for (const [key, each] of Object.entries(value)) visit(each, path ? `${path}.${key}` : key, depth + 1);
  };
  visit(document, '', 0);
  return best;
}

/** The members that rows have in common, by how many have them: those of objects inside, such as `server.name`, among them. */
export function membersOf(rows) {
  const counts = new Map();
  const visit = (value, prefix, depth) => {
    for (const [key, each] of Object.entries(value)) {
      const name = prefix ? `${prefix}.${key}` : key;
      if (each !== null && typeof each === 'object') {
        if (!Array.isArray(each) && depth < 2) visit(each, name, depth + 1);
      } else counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  };
  for (const row of rows.slice(0, 200)) visit(row, '', 0);
  return [...counts.entries()].map(([name, count], index) => ({ name, count, index })).sort((a, b) => b.count - a.count || a.index - b.index).slice(0, most).sort((a, b) => a.index - b.index).map(({ name }) => name);
}

export const memberOf = (row, name) => name.split('.').reduce((value, step) => value?.[step], row);
