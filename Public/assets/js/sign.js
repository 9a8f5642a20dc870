// What can be seen without looking: the tab's title and its icon carry the state.

import { placed } from './place.js';
import { duration } from './format.js';

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

  store.addEventListener('change', show);
  return {
    update(viewTitle, state) {
      title = viewTitle;
      scope = state.scope.name;
      show();
    },
  };
}
