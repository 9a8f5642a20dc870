// What is shown stands in the URL: back, forward, reload and share give the same picture.
// The pages live at "/": ?view=connections&scope=cluster/A&sort=bytes_to. A browser that opens an
// endpoint's own path gets the same shell, which then explores that path.

import { atMoment } from './api.js';
import { homePath, isHome, placed, unplaced } from './place.js';

const listeners = new Set();
let viewNames = ['overview'];

export function useViews(names) {
  viewNames = names;
}

/** The present state: view, scope, and the view's own parameters. */
export function current() {
  const parameters = new URLSearchParams(location.search);
  if (!isHome(location.pathname)) {
    parameters.delete('format');
    const query = parameters.toString();
    return { view: 'explore', scope: parseScope(''), at: '', parameters: new URLSearchParams({ path: unplaced(location.pathname) + (query ? `?${query}` : '') }) };
  }
  const named = parameters.get('view');
  const view = viewNames.includes(named) ? named : 'overview';
  const scope = parseScope(parameters.get('scope') ?? '');
  const at = parameters.get('at') ?? '';
  for (const each of ['view', 'scope', 'at', 'kiosk']) parameters.delete(each);
  return { view, scope, at, parameters };
}

/** A scope from its text: "", "cluster/A", "server/a1", "account/USERS". */
export function parseScope(text) {
  const slash = text.indexOf('/');
  const kind = slash < 0 ? '' : text.slice(0, slash);
  if (!['cluster', 'server', 'account'].includes(kind)) return { kind: 'all', name: '', text: '', path: '' };
  const name = text.slice(slash + 1);
  return { kind, name, text, path: `/${kind}/${encodeURIComponent(name)}` };
}

/** The URL of a view, in the present scope and at the present moment unless others are given. */
export function link(view, parameters = {}, scope = current().scope.text, at = current().at) {
  const query = new URLSearchParams();
  if (view !== 'overview') query.set('view', view);
  if (scope) query.set('scope', scope);
  if (at) query.set('at', at);
  if (isKiosk()) query.set('kiosk', kioskText());
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, value);
  }
  const text = query.toString().replaceAll('%2F', '/');
  return text ? `${homePath()}?${text}` : homePath();
}

const kioskText = () => isHome(location.pathname) ? new URLSearchParams(location.search).get('kiosk') ?? '' : '';

/** The pages' own address with this query. */
export const homeAddress = (queryText) => homePath() + queryText;

/** The address under which curl gets what is shown, at the moment that is shown. */
export const apiAddress = (path) => placed(atMoment(path));

/** `?kiosk`: for a wall, without anything to click. */
export const isKiosk = () => isHome(location.pathname) && new URLSearchParams(location.search).has('kiosk');

/** The same view at another moment; empty for now. */
export function goTo(at) {
  const { view, scope, parameters } = current();
  go(link(view, Object.fromEntries(parameters), scope.text, at));
}

/** The same view in another scope. Which path it was, where the list stood and what was open are of the one that is left. */
export function inScope(text) {
  const { view, parameters } = current();
  for (const each of ['path', 'offset', 'open', 'with']) parameters.delete(each);
  return link(view, Object.fromEntries(parameters), text);
}

export function go(url, { replaceState = false } = {}) {
  if (url === location.pathname + location.search) return;
  if (replaceState) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  for (const listener of listeners) listener();
}

/**
 * Changes parameters of the present view; an empty value takes one away.
 * @param {Record<string, any>} changes
 * @param {{ replaceState?: boolean }} [options]
 */
export function patch(changes, options = { replaceState: true }) {
  const { view, scope, parameters } = current();
  const all = Object.fromEntries(parameters);
  go(link(view, { ...all, ...changes }, scope.text), options);
}

export function onChange(listener) {
  listeners.add(listener);
}

export function offChange(listener) {
  listeners.delete(listener);
}

/** Begins to follow the browser's back and forward, and links within the pages, which change the view without loading the page again. */
export function follow() {
  addEventListener('popstate', () => {
    for (const listener of listeners) listener();
  });
  addEventListener('click', (event) => {
    const anchor = /** @type {HTMLAnchorElement | null} */ (/** @type {HTMLElement} */ (event.target).closest?.('a[href]'));
    if (!anchor || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || anchor.target) return;
    const url = new URL(anchor.href, location.href);
    if (url.origin !== location.origin || !isHome(url.pathname) || anchor.hasAttribute('data-plain') || url.hash) return;
    event.preventDefault();
    go(url.pathname + url.search);
  });
}
