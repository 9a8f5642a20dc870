// A JSON document that folds. Values are drawn when their fold opens, so that a long document opens at once.

import { h } from './dom.js';
import { duration, now, parseDuration, parseTime, ago, bytes, perSecond } from './format.js';

const pageSize = 200;

export function makeTree({ onCopy }) {
  const element = h('div', { class: 'tree mono', role: 'tree', 'aria-label': 'Document' });
  let document_;
  let previous;
  let needle = '';
  let root;
  const openPaths = new Map();

  function clear() {
    element.textContent = '';
    document_ = previous = root = undefined;
    openPaths.clear();
  }

  function show(value, time) {
    previous = document_ ? { value: document_, time: document_.time } : undefined;
    const before = previous?.value.value;
    const seconds = previous ? time - previous.time : undefined;
    document_ = { value, time };
    element.textContent = '';
    root = node('', value, '$', before, seconds, 0);
    element.append(root.element);
    if (needle) search(needle);
  }

  function node(name, value, path, before, seconds, depth) {
    const isBranch = value !== null && typeof value === 'object';
    const line = h('div', { class: 'line' });
    const item = h('div', { class: 'node', role: 'treeitem' }, line);
    const label = name === '' ? null : [h('button', { type: 'button', class: 'key', title: `Copy ${path}`, onclick: () => onCopy(path) }, name), h('span', { class: 'faint' }, ': ')];
    if (!isBranch) {
      line.append(h('span', { class: 'twist' }));
      for (const part of label ?? []) line.append(part);
      line.append(leaf(name, value, before, seconds));
      return { element: item };
    }
    const entries = Array.isArray(value) ? value.map((each, index) => [index, each]) : Object.entries(value);
    const summary = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
    if (entries.length === 0) {
      line.append(h('span', { class: 'twist' }), ...(label ?? []), h('span', { class: 'faint' }, Array.isArray(value) ? '[ ]' : '{ }'));
      return { element: item };
    }
    const children = h('div', { class: 'children', role: 'group', hidden: true });
    const twist = h('button', { type: 'button', class: 'twist', 'aria-label': `${name || 'document'}, fold or unfold` }, '▸');
    line.append(twist);
    for (const part of label ?? []) line.append(part);
    line.append(h('span', { class: 'faint' }, `${summary}${hint(value)}`));
    item.append(children);
    const nodes = [];
    let drawn = 0;
    const drawMore = (upTo) => {
      children.querySelector(':scope > .more')?.remove();
      for (; drawn < Math.min(entries.length, upTo); drawn += 1) {
        const [key, each] = entries[drawn];
        const step = Array.isArray(value) ? `[${key}]` : /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
        const child = node(String(key), each, path + step, before?.[matching(before, each, key)], seconds, depth + 1);
        nodes.push(child);
        children.append(child.element);
      }
      if (drawn < entries.length) children.append(h('button', { type: 'button', class: 'more', onclick: () => drawMore(drawn + pageSize) }, `${entries.length - drawn} more`));
    };
    const set = (open) => {
      if (open) drawMore(drawn || pageSize);
      children.hidden = !open;
      twist.textContent = open ? '▾' : '▸';
      item.setAttribute('aria-expanded', String(open));
      openPaths.set(path, open);
    };
    twist.addEventListener('click', () => set(children.hidden));
    line.addEventListener('dblclick', () => set(children.hidden));
    const open = openPaths.get(path) ?? (depth === 0 || (depth <= 3 && entries.length <= 80));
    set(open);
    return {
      element: item, set, name: String(name), value, nodes: () => nodes, drawAll: () => drawMore(entries.length),
    };
  }

  /** Rows of a list are the same row if they have the same id, not the same place. */
  function matching(before, value, key) {
    if (!Array.isArray(before)) return key;
    const id = (each) => each?.server?.id ?? each?.server_id ?? each?.cid ?? each?.rid ?? each?.id ?? each?.name;
    const wanted = id(value);
    if (wanted === undefined) return key;
    const at = before.findIndex((each) => id(each) === wanted);
    return at < 0 ? key : at;
  }

  function leaf(name, value, before, seconds) {
    const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
    const changed = before !== undefined && before !== value;
    const out = h('span', { class: `value ${value === null ? 'null' : typeof value}${changed ? ' changed flash' : ''}` });
    out.append(h('button', { type: 'button', class: 'copy', title: 'Copy this value', onclick: () => onCopy(typeof value === 'string' ? value : text) }, text));
    const note = [gloss(name, value)];
    if (changed && typeof value === 'number' && typeof before === 'number' && seconds > 0) {
      const rate = (value - before) / seconds;
      note.push(rate >= 0 && isCounter(name) ? perSecond(rate) : `was ${before.toLocaleString('en-US')}`);
    } else if (changed) note.push(`was ${typeof before === 'object' ? '…' : before}`);
    const shown = note.filter(Boolean).join(' · ');
    if (shown) out.append(h('span', { class: 'gloss' }, ` ${shown}`));
    return out;
  }

  function search(text) {
    needle = text.trim().toLowerCase();
    for (const marked of element.querySelectorAll('.hit')) marked.classList.remove('hit');
    if (!needle || !root) return 0;
    let hits = 0;
    const visit = (each) => {
      if (!each.nodes) return false;
      if (!JSON.stringify(each.value).toLowerCase().includes(needle)) return false;
      each.set(true);
      if (each.nodes().length < 2000) each.drawAll();
      for (const child of each.nodes()) visit(child);
      return true;
    };
    visit(root);
    for (const line of element.querySelectorAll('.line')) {
      if (hits < 500 && line.textContent.toLowerCase().includes(needle)) {
        line.classList.add('hit');
        hits += 1;
      }
    }
    element.querySelector('.hit')?.scrollIntoView({ block: 'center' });
    return hits;
  }

  function foldAll(folded) {
    const visit = (each, depth) => {
      if (!each?.nodes || depth > 6) return;
      if (depth > 0) each.set(!folded);
      for (const child of each.nodes()) visit(child, depth + 1);
    };
    visit(root, 0);
  }

  return { element, show, clear, search, foldAll, hasDocument: () => document_ !== undefined };
}

/** What names an object best, shown beside its folded form. */
function hint(value) {
  if (Array.isArray(value)) return '';
  const name = value.server?.name ?? value.server_name ?? value.name ?? value.acc ?? (value.endpoint ? undefined : value.subject);
  return typeof name === 'string' ? ` ${name}` : '';
}

function isCounter(name) {
  return /(_msgs|_bytes|^msgs|^bytes|_total|^total|_inserts|_removes|_matches|^messages|_seq|errors)$/.test(name) && !/pending/.test(name);
}

/** A figure in words where the field's name says what it is. */
function gloss(name, value) {
  if (typeof value === 'number') {
    if (/(^mem$|memory|storage|bytes|_payload$|_pending$|pending_size|gomemlimit|max_pending)/.test(name) && value >= 1000 && value < 1e18) return bytes(value);
    if (/^(ping_interval|write_deadline|ack_wait|handshake_timeout|sync_interval|max_age|duplicate_window|idle_heartbeat|inactive_threshold|active|max_expires|response_threshold|wait_time|max_wait_time)$/.test(name) && value > 0) return duration(value / 1e9);
    return '';
  }
  if (typeof value !== 'string') return '';
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return parseTime(value) === undefined ? 'never' : Math.abs(now() - parseTime(value)) < 2 ? '' : parseTime(value) > now() ? `in ${duration(Math.floor(parseTime(value) - now()))}` : ago(value);
  if (name === 'rtt' && parseDuration(value) === 0) return 'not known yet';
  return '';
}

