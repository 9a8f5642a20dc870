// Starts the pages: the store, the frame, and the view that the URL names.

import { h, replace, announce } from './dom.js';
import { Store } from './store.js';
import { followEdges } from './edges.js';
import { makeFrame } from './frame.js';
import { startKiosk } from './kiosk.js';
import { makeSearch } from './search.js';
import { makeSign } from './sign.js';
import * as url from './url.js';

const views = [
  { name: 'overview', title: 'Overview', key: 'o' },
  { name: 'servers', title: 'Servers', key: 's' },
  { name: 'connections', title: 'Connections', key: 'c' },
  { name: 'accounts', title: 'Accounts', key: 'a' },
  { name: 'subscriptions', title: 'Subscriptions', key: 'u' },
  { name: 'topology', title: 'Topology', key: 't' },
  { name: 'jetstream', title: 'JetStream', key: 'j' },
  { name: 'history', title: 'History', key: 'h' },
  { name: 'compare', title: 'Compare', key: 'm' },
  { name: 'events', title: 'Events', key: 'e' },
  { name: 'checks', title: 'Checks', key: 'k' },
  { name: 'explore', title: 'Explore', key: 'x' },
];
url.useViews(views.map((view) => view.name));

const store = new Store();
const search = makeSearch(store);
const frame = makeFrame(store, views, search);
const main = document.getElementById('view');
const sign = makeSign(store);
followEdges(main);
if (url.isKiosk()) startKiosk(views);
let open;

async function show() {
  const state = url.current();
  store.setScope(state.scope);
  store.setMoment(state.at);
  frame.update(state);
  const key = `${state.view} ${state.scope.text} ${state.at}`;
  if (open?.key === key) {
    open.view?.update?.(state);
    return;
  }
  open?.view?.destroy?.();
  const mine = { key };
  open = mine;
  const title = views.find((view) => view.name === state.view).title;
  sign.update(title, state);
  try {
    const module = await import(`./views/${state.view}.js`);
    if (open !== mine) return;
    main.textContent = '';
    main.scrollTop = 0;
    mine.view = module.mount(main, { store, state });
    main.dataset.view = state.view;
    announce(title);
  } catch (error) {
    if (open !== mine) return;
    replace(main, h('div', { class: 'notice error' }, h('h3', {}, `${title} could not be opened`), h('p', {}, error.message)));
  }
}

let going = false;
addEventListener('keydown', (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    search.open();
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const typing = target.matches?.('input, textarea, select');
  if (event.key === 'Escape' && typing) {
    target.blur();
    return;
  }
  if (event.key === 'Escape') main.dispatchEvent(new Event('close-detail'));
  if (typing || document.querySelector('dialog[open]')) return;
  if (going) {
    going = false;
    const view = views.find((candidate) => candidate.key === event.key);
    if (view) {
      event.preventDefault();
      url.go(url.link(view.name));
      main.focus();
    }
    return;
  }
  const actions = {
    g: () => {
      going = true;
      setTimeout(() => { going = false; }, 1500);
    },
    '/': () => search.open(),
    f: () => /** @type {HTMLElement | null} */ (main.querySelector('input[type="search"]'))?.focus(),
    t: () => frame.time.ask(),
    '[': () => frame.time.step(-1),
    ']': () => frame.time.step(1),
    '?': () => frame.help.showModal(),
    s: () => frame.openScope(),
    p: () => store.setLive(!store.live),
    r: () => store.refresh(),
  };
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

url.onChange(show);
url.follow();
store.scope = url.current().scope;
if (url.current().at) store.setMoment(url.current().at);
store.start();
show();
