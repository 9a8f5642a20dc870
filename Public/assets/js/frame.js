// The frame around every view: scope, completeness at all times, live or paused, age, theme, keys.

import { h, replace, reconcile, setText } from './dom.js';
import { get } from './api.js';
import { age as ageOf, duration, count, now, parseTime } from './format.js';
import { homePath, placed } from './place.js';
import { notifyButton } from './sign.js';
import { makeTimeBar } from './timebar.js';
import { momentText } from './timescale.js';
import * as url from './url.js';

export function makeFrame(store, views, search) {
  const bar = document.getElementById('bar');
  const nav = document.getElementById('views');

  const system = h('span', {}, 'Natsight');
  const brand = h('a', { class: 'brand', href: homePath() }, h('img', { src: placed('/assets/icon.svg'), alt: '' }), system);
  const complete = h('span', { class: 'complete', role: 'status' });
  const age = h('span', { class: 'age' });
  const pause = h('button', { type: 'button', onclick: () => store.setLive(!store.live), title: 'Pause or go on (p)' });
  const theme = h('select', { class: 'theme', 'aria-label': 'Theme', onchange: () => chooseTheme(theme.value) }, [['', 'Theme: system'], ['light', 'Theme: light'], ['dark', 'Theme: dark']].map(([value, name]) => h('option', { value }, name)));
  const time = makeTimeBar(store);
  const help = makeHelp(views);
  const keys = h('button', { type: 'button', class: 'plain keys', onclick: () => help.showModal(), title: 'Keys (?)', 'aria-label': 'Keys' }, '?');
  const scope = makeScope(store);
  replace(bar, brand, scope.element, search.button, complete, h('span', { class: 'grow' }), age, pause, theme, keys);
  bar.after(time.element);
  document.body.append(help, search.dialog);

  for (const view of views) {
    nav.append(h('a', { href: url.link(view.name), data: { view: view.name } }, view.title, h('span', { class: 'kbd', 'aria-hidden': 'true' }, view.key)));
  }

  showTheme();
  store.addEventListener('change', show);
  setInterval(show, 1000);

  function show() {
    const { completeness, error } = store;
    const away = store.isAway();
    if (away !== undefined) {
      complete.dataset.state = 'incomplete';
      setText(complete, `The gateway has not answered for ${duration(away)}.`);
    } else if (error && error.status !== 504) {
      complete.dataset.state = 'incomplete';
      setText(complete, error.message);
    } else if (!completeness) {
      complete.dataset.state = 'unknown';
      setText(complete, error ? error.message : 'asking …');
    } else {
      complete.dataset.state = completeness.complete === false ? 'incomplete' : completeness.complete === null ? 'unknown' : 'complete';
      setText(complete, completenessText(completeness, store.roster));
    }
    const seconds = store.updatedAt ? (Date.now() - store.updatedAt) / 1000 : undefined;
    const at = parseTime(store.at);
    setText(age, store.moment ? `as of ${at === undefined ? store.moment : momentText(at, now())}` : !store.live ? `paused, ${seconds === undefined ? '' : `${duration(Math.floor(seconds))} old`}` : seconds === undefined ? '' : seconds < 5 ? 'live' : `${duration(Math.floor(seconds))} old`);
    age.dataset.old = String(!store.moment && store.live && seconds > 15);
    age.dataset.past = String(Boolean(store.moment) || !store.live);
    pause.hidden = Boolean(store.moment);
    setText(pause, store.live ? 'Pause' : 'Go on');
    document.body.dataset.moment = String(Boolean(store.moment));
    document.getElementById('view').classList.toggle('dim', away !== undefined && away > 15);
    const name = store.connectedTo?.server ?? store.connectedTo?.url;
    setText(system, 'Natsight');
    brand.title = name ? `Connected to ${name}` : 'Natsight';
  }

  return {
    /** Marks the open view and follows the scope that the URL names. */
    update(state) {
      for (const anchor of nav.querySelectorAll('a')) {
        if (anchor.dataset.view === state.view) anchor.setAttribute('aria-current', 'page');
        else anchor.removeAttribute('aria-current');
        anchor.setAttribute('href', url.link(anchor.dataset.view, {}, state.scope.text));
      }
      brand.setAttribute('href', url.link('overview', {}, state.scope.text));
      scope.update(state.scope);
      time.update();
      // On a phone the tabs are wider than the page: the open one is in sight.
      nav.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
    },
    time,
    openScope: scope.open,
    help,
  };

  function chooseTheme(chosen) {
    if (chosen) localStorage.setItem('theme', chosen);
    else localStorage.removeItem('theme');
    showTheme();
  }

  function showTheme() {
    const chosen = localStorage.getItem('theme') ?? '';
    if (chosen) document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
    theme.value = chosen;
  }
}

/** "6 of 6 answered", "5 of 6: b2 silent for 41 s". */
export function completenessText(/** @type {any} */ { complete, responded, expected, missing, unexplained, leaving }, roster = []) {
  if (complete === null || expected === null) return `${count(responded)} answered; how many there are is not known`;
  const base = `${count(responded)} of ${count(expected)}`;
  const without = leaving?.length ? `, without ${leaving.slice(0, 3).join(', ')}${leaving.length > 3 ? ' …' : ''}, which ${leaving.length > 1 ? 'are' : 'is'} leaving` : '';
  if (complete) return `${base} answered${without}${unexplained ? `; the servers count ${count(unexplained)} more` : ''}`;
  const named = (missing ?? []).map((entry) => {
    if (entry.code === 'unknown_server' && !entry.name) return `${entry.count ?? 1} not known by name`;
    const known = roster.find((server) => server.name === entry.name || server.id === entry.id);
    const silent = known?.last_seen ? ` silent for ${duration(ageOf(known.last_seen))}` : entry.reason ? ` ${entry.reason}` : ' missing';
    return `${entry.name}${silent}`;
  });
  const shown = named.slice(0, 3).join(', ');
  return `${base}: ${shown}${named.length > 3 ? ` and ${named.length - 3} more` : ''}`;
}

function makeScope(store) {
  const button = h('button', { type: 'button', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', title: 'Scope (s)', onclick: () => open() });
  const input = h('input', { type: 'search', placeholder: 'Find a cluster, server or account', 'aria-label': 'Find a scope' });
  const list = h('ul', {});
  const panel = h('div', { class: 'scope-list', role: 'dialog', 'aria-label': 'Choose a scope', hidden: true }, input, list);
  const element = h('div', { class: 'scope' }, button, panel);
  let accounts = [];

  input.addEventListener('input', fill);
  panel.addEventListener('keydown', (event) => {
    const buttons = [...list.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement);
    if (event.key === 'Escape') close(true);
    else if (event.key === 'ArrowDown') buttons[Math.min(buttons.length - 1, at + 1)]?.focus();
    else if (event.key === 'ArrowUp') (at <= 0 ? input : buttons[at - 1]).focus();
    else if (event.key === 'Enter' && document.activeElement === input) buttons[0]?.click();
    else return;
    event.preventDefault();
  });
  document.addEventListener('pointerdown', (event) => {
    if (!panel.hidden && !element.contains(event.target)) close(false);
  });

  function choices() {
    const clusters = [...new Set(store.roster.map((server) => server.cluster).filter(Boolean))].sort();
    return [
      { text: '', label: 'Whole system', note: '' },
      ...clusters.map((name) => ({ text: `cluster/${name}`, label: name, note: 'cluster' })),
      ...store.roster.map((server) => ({ text: `server/${server.name}`, label: server.name, note: server.cluster || 'server' })),
      ...accounts.map((account) => ({ text: `account/${account.id}`, label: account.name || account.id, note: 'account' })),
    ];
  }

  function fill() {
    const wanted = input.value.toLowerCase();
    const shown = choices().filter((choice) => choice.label.toLowerCase().includes(wanted) || choice.text.toLowerCase().includes(wanted)).slice(0, 200);
    reconcile(list, shown, (choice) => choice.text, (choice) => h('li', {}, h('button', {
      type: 'button', onclick: () => {
        close(true);
        url.go(url.inScope(choice.text));
      },
    }, h('span', {}, choice.label), h('span', { class: 'faint' }, choice.note))));
  }

  async function open() {
    if (!panel.hidden) return close(true);
    panel.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    input.value = '';
    fill();
    input.focus();
    try {
      // A role that may not list accounts still has the rest to choose from.
      accounts = (await get('/accounts')).document.accounts ?? [];
      fill();
    } catch {
      accounts = [];
    }
  }

  function close(focus) {
    panel.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    if (focus) button.focus();
  }

  return {
    element,
    open,
    update(scope) {
      setText(button, scope.kind === 'all' ? 'Whole system' : `${scope.kind} ${scope.name}`);
    },
  };
}

function makeHelp(views) {
  const close = () => dialog.close();
  const rows = [['/', 'find anything (also Ctrl K)'], ['f', 'focus the search of this view'], ['t', 'the bar of time'], ['[', 'a step back in time'], [']', 'a step forth'], ['?', 'these keys'], ['s', 'choose the scope'], ['p', 'pause, go on'], ['r', 'ask again now'], ['Esc', 'close what is open'],
    ...views.map((view) => [`g ${view.key}`, view.title])];
  const dialog = h('dialog', { 'aria-label': 'Keys' }, h('div', { class: 'row' }, h('h2', { class: 'grow' }, 'Keys'), h('button', { type: 'button', onclick: close }, 'Close')),
    h('dl', {}, rows.map(([keys, what]) => [h('dt', {}, keys.split(' ').map((key) => [h('span', { class: 'kbd' }, key), ' '])), h('dd', {}, what)])), h('p', { class: 'section' }, notifyButton()));
  return dialog;
}
