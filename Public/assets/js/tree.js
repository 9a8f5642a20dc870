// A JSON document that folds. Values are drawn when their fold opens, so that a long document opens at once.

import { h } from './dom.js';
import { duration, now, parseDuration, parseTime, ago, bytes, perSecond } from './format.js';
import { findIn } from './jsonsearch.js';

/** Members of a long list that are drawn at once. */
const pageSize = 200;

/**
 * `show(value, time)` shows a document, or a later one of the same path: what is drawn stays, with what changed marked. `search(words)`
 * finds in all of it and answers { count, at }; `next(step)` goes from hit to hit.
 */
export function makeTree({ onCopy }) {
  const element = h('div', { class: 'tree mono', role: 'tree', 'aria-label': 'Document' });
  let shown;
  let root;
  let hits = { count: 0, paths: [] };
  let at = -1;
  const openPaths = new Map();

  function clear() {
    element.textContent = '';
    shown = root = undefined;
    hits = { count: 0, paths: [] };
    at = -1;
    openPaths.clear();
  }

  function show(value, time) {
    const seconds = shown ? time - shown.time : undefined;
    const isSame = root?.update(value, seconds);
    const before = shown?.value;
    shown = { value, time };
    if (isSame) return;
    element.textContent = '';
    root = node('', value, '$', before, seconds, 0);
    element.append(root.element);
  }

  function node(name, value, path, before, seconds, depth) {
    const line = h('div', { class: 'line' });
    const item = h('div', { class: 'node', role: 'treeitem' }, line);
    const label = name === '' ? [] : [h('button', { type: 'button', class: 'key', title: `Copy ${path}`, onclick: () => onCopy(path) }, name), h('span', { class: 'faint' }, ': ')];
    if (value !== null && typeof value === 'object' && Object.keys(value).length > 0) return branch(item, line, label, name, value, path, before, seconds, depth);
    const isEmpty = value !== null && typeof value === 'object';
    let own = value;
    const text = (from, span) => isEmpty ? h('span', { class: 'faint' }, Array.isArray(value) ? '[ ]' : '{ }') : leaf(name, own, from, span);
    let drawn = text(before, seconds);
    line.append(h('span', { class: 'twist' }), ...label, drawn);
    return {
      element: item, line,
      update(next, span) {
        if (isEmpty ? !(next !== null && typeof next === 'object' && Object.keys(next).length === 0 && Array.isArray(next) === Array.isArray(value)) : next !== null && typeof next === 'object') return false;
        const from = own;
        own = next;
        // The focus stays where it is while nothing changes there.
        if (from === next && !drawn.classList.contains('changed') && !isTime(next)) return true;
        const hadFocus = drawn.contains(document.activeElement);
        const again = text(from, span);
        drawn.replaceWith(again);
        drawn = again;
        if (hadFocus) /** @type {HTMLElement | null} */ (drawn.querySelector('button'))?.focus({ preventScroll: true });
        return true;
      },
    };
  }

  function branch(item, line, label, name, value, path, before, seconds, depth) {
    const isArray = Array.isArray(value);
    const children = h('div', { class: 'children', role: 'group', hidden: true });
    const twist = h('button', { type: 'button', class: 'twist', 'aria-label': `${name || 'document'}, fold or unfold` }, '▸');
    const summary = h('span', { class: 'faint' });
    line.append(twist, ...label, summary);
    item.append(children);
    let own = value;
    let past = before;
    let keys = Object.keys(own);
    let nodes = new Map();
    let from = 0;
    let until = 0;

    const step = (key) => isArray ? `[${key}]` : /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    const child = (key, span) => node(isArray ? key : String(key), own[key], path + step(key), past?.[matching(past, own[key], key)], span, depth + 1);
    const title = () => {
      summary.textContent = `${isArray ? `[${keys.length}]` : `{${keys.length}}`}${hint(own)}`;
    };

    function draw(first, last, span) {
      [from, until] = [Math.max(0, first), Math.min(keys.length, last)];
      children.textContent = '';
      nodes = new Map();
      if (from > 0) children.append(h('button', { type: 'button', class: 'more', onclick: () => draw(from - pageSize, until) }, `${from} before these`));
      for (const key of keys.slice(from, until)) {
        const made = child(key, span);
        nodes.set(key, made);
        children.append(made.element);
      }
      if (until < keys.length) children.append(h('button', { type: 'button', class: 'more', onclick: () => draw(from, until + pageSize) }, `${keys.length - until} more`));
    }

    const set = (open) => {
      if (open && until === 0) draw(0, pageSize, seconds);
      children.hidden = !open;
      twist.textContent = open ? '▾' : '▸';
      item.setAttribute('aria-expanded', String(open));
      openPaths.set(path, open);
    };
    twist.addEventListener('click', () => set(children.hidden));
    line.addEventListener('dblclick', () => set(children.hidden));
    title();
    set(openPaths.get(path) ?? (depth === 0 || (depth <= 3 && keys.length <= 80)));
    return {
      element: item, line, set, nodes: () => [...nodes.values()],
      /** The child of a key, drawn where it was not. */
      reach(key) {
        const index = keys.indexOf(String(key));
        if (index < 0) return undefined;
        if (index < from || index >= until) draw(Math.floor(index / pageSize) * pageSize, (Math.floor(index / pageSize) + 1) * pageSize);
        set(true);
        return nodes.get(String(key));
      },
      update(next, span) {
        if (next === null || typeof next !== 'object' || Array.isArray(next) !== isArray) return false;
        const nextKeys = Object.keys(next);
        if (nextKeys.length === 0) return false;
        past = own;
        // Rows of a list are the same rows where they have the same ids in the same places.
        const isSame = nextKeys.length === keys.length && nextKeys.slice(from, until).every((key, index) => key === keys[from + index] && idOf(next[key]) === idOf(own[key]));
        own = next;
        keys = nextKeys;
        title();
        if (until === 0) return true;
        if (!isSame) {
          draw(from, Math.max(until, Math.min(pageSize, keys.length)), span);
          return true;
        }
        for (const [key, made] of nodes) {
          if (made.update(own[key], span)) continue;
          const again = child(key, span);
          made.element.replaceWith(again.element);
          nodes.set(key, again);
        }
        return true;
      },
    };
  }

  const idOf = (each) => each?.server?.id ?? each?.server_id ?? each?.cid ?? each?.rid ?? each?.id ?? each?.name;

  /** Rows of a list are the same row if they have the same id, not the same place. */
  function matching(before, value, key) {
    if (!Array.isArray(before)) return key;
    const wanted = idOf(value);
    if (wanted === undefined) return key;
    const place = before.findIndex((each) => idOf(each) === wanted);
    return place < 0 ? key : place;
  }

  const isTime = (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value);

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
    const told = note.filter(Boolean).join(' · ');
    if (told) out.append(h('span', { class: 'gloss' }, ` ${told}`));
    return out;
  }

  /** Finds in the document as it is; goes to the first hit unless `stay`. Answers { count, at }, `at` from 0. */
  function search(words, stay = false) {
    hits = shown ? findIn(shown.value, words) : { count: 0, paths: [] };
    at = stay && at >= 0 ? Math.min(at, hits.paths.length - 1) : hits.paths.length ? 0 : -1;
    if (!stay) reveal();
    return { count: hits.count, at };
  }

  function next(by) {
    if (hits.paths.length) at = (at + by + hits.paths.length) % hits.paths.length;
    reveal();
    return { count: hits.count, at };
  }

  /** Opens what leads to the hit, and nothing else. */
  function reveal() {
    for (const marked of element.querySelectorAll('.at')) marked.classList.remove('at');
    const path = hits.paths[at];
    if (!path || !root) return;
    let here = root;
    for (const key of path) {
      here = here?.reach?.(key);
      if (!here) return;
    }
    here.line.classList.add('at');
    here.line.scrollIntoView({ block: 'center' });
  }

  function foldAll(folded) {
    const visit = (each, depth) => {
      if (!each?.nodes || depth > 6) return;
      if (depth > 0) each.set(!folded);
      for (const child of each.nodes()) visit(child, depth + 1);
    };
    visit(root, 0);
  }

  return { element, show, clear, search, next, foldAll, hasDocument: () => shown !== undefined };
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

