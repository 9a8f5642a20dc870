// What can be seen without looking: the tab's title and its icon carry the state.

import { h, setText } from './dom.js';
import { placed } from './place.js';
import { duration, now } from './format.js';
import { momentText } from './timescale.js';

/** The state in a word, from what is wrong. */
export function stateOf({ away, completeness, findings }) {
  if (away !== undefined) return { icon: 'bad', words: `no answer for ${duration(away)}` };
  const of = (severity) => (findings ?? []).filter((finding) => finding.severity === severity).length;
  const missing = completeness?.complete === false ? (completeness.missing?.length || 1) : 0;
  if (of('critical')) return { icon: 'bad', words: `${of('critical')} critical` };
  if (missing) return { icon: 'bad', words: `${missing} silent` };
  if (of('warning')) return { icon: 'warn', words: `${of('warning')} to see to` };
  return { icon: '', words: '' };
}

export function makeSign(store) {
  const icon = /** @type {HTMLLinkElement | null} */ (document.querySelector('link[rel="icon"]'));
  let title = 'Natsight';
  let scope = '';
  let shown = '';

  function show() {
    const { icon: state, words } = stateOf({ away: store.isAway(), completeness: store.completeness, findings: store.findings });
    const text = [words, store.moment ? 'past' : '', title, scope, 'Natsight'].filter(Boolean).join(' · ');
    if (document.title !== text) document.title = text;
    const file = placed(`/assets/icon${state ? `-${state}` : ''}.svg`);
    if (icon && shown !== file) icon.href = shown = file;
  }

  // On paper: of what system, in which scope, of when, and where it stands.
  const printed = h('p', { class: 'print-line' });
  document.getElementById('view').before(printed);
  addEventListener('beforeprint', () => setText(printed, [store.connectedTo?.server ? `System of ${store.connectedTo.server}` : 'Natsight', store.scope.text || 'whole system', momentText(store.end(), now()), location.href].join(' · ')));

  store.addEventListener('change', show);
  store.addEventListener('change', () => notify(store));
  return {
    update(viewTitle, state) {
      title = viewTitle;
      scope = state.scope.name;
      show();
    },
  };
}

let told = new Set();

/** Tells of critical findings that are new, where it was asked for. */
function notify(store) {
  if (!isNotifying() || !store.findings || store.moment) return;
  const critical = store.findings.filter((finding) => finding.severity === 'critical');
  for (const finding of critical) {
    const key = `${finding.code} ${finding.subject}`;
    if (!told.has(key)) new Notification('Natsight', { body: finding.sentence, tag: key });
  }
  told = new Set(critical.map((finding) => `${finding.code} ${finding.subject}`));
}

const isNotifying = () => localStorage.getItem('notify') === '1' && 'Notification' in globalThis && Notification.permission === 'granted';

/** The button that asks for notifications, or ends them. */
export function notifyButton() {
  const button = h('button', { type: 'button', onclick: async () => {
    if (isNotifying()) localStorage.removeItem('notify');
    else if ('Notification' in globalThis && await Notification.requestPermission() === 'granted') localStorage.setItem('notify', '1');
    show();
  } });
  const show = () => setText(button, !('Notification' in globalThis) ? 'This browser cannot notify' : Notification.permission === 'denied' ? 'The browser forbids notifications here' : isNotifying() ? 'Notify me no more' : 'Notify me of critical findings');
  show();
  return button;
}
