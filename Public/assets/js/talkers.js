// Who makes the traffic: groups of connections as areas that one can read and click.

import { h, reconcile, setText } from './dom.js';
import * as f from './format.js';
import { treemap } from './treemap.js';

const height = 150;
/** Smaller shares than this are one rectangle: nobody could read them. */
const smallest = 0.012;
const most = 24;

/** Groups of `/connections?group=` with their shares, the rest as one: [{ name, value, connections }]. */
export function sharesOf(groups, value) {
  const all = groups.map((group) => ({ name: group.name, value: value(group) ?? 0, connections: group.connections })).filter((each) => each.value > 0).sort((a, b) => b.value - a.value);
  const sum = all.reduce((total, each) => total + each.value, 0);
  const shown = all.slice(0, most).filter((each) => each.value / sum >= smallest);
  const rest = all.slice(shown.length);
  if (rest.length) shown.push({ name: `${f.count(rest.length)} more`, value: rest.reduce((total, each) => total + each.value, 0), connections: rest.reduce((total, each) => total + each.connections, 0), isRest: true });
  return shown;
}

/** `show(shares, text, link)`: `link(name)` is where a rectangle leads. */
export function makeTalkers(label) {
  const element = h('div', { class: 'treemap', role: 'list', 'aria-label': label });
  let last;
  const draw = () => last && element.clientWidth && show(...last);
  new ResizeObserver(draw).observe(element);

  function show(shares, text, link) {
    last = [shares, text, link];
    // One share alone is no comparison.
    element.hidden = shares.length < 2;
    if (element.clientWidth === 0) return;
    element.style.height = `${height}px`;
    const places = treemap(shares.map((share) => share.value), element.clientWidth, height);
    const sum = shares.reduce((total, share) => total + share.value, 0);
    reconcile(element, shares.map((share, index) => ({ share, place: places[index] })), ({ share }) => share.name, () => h('div', { role: 'listitem' }, h('a', {}, h('span', { class: 'name' }), h('span', { class: 'faint' }))), (item, { share, place }) => {
      const cell = item.firstChild;
      Object.assign(item.style, { left: `${place.x}px`, top: `${place.y}px`, width: `${Math.max(0, place.w)}px`, height: `${Math.max(0, place.h)}px` });
      // What is too small to be hit is no link.
      const target = share.isRest || Math.min(place.w, place.h) < 24 ? '' : link(share.name);
      if (target) cell.setAttribute('href', target);
      else cell.removeAttribute('href');
      const name = share.name || 'without a name';
      setText(cell.children[0], name);
      setText(cell.children[1], text(share.value));
      cell.title = `${name}: ${text(share.value)}, ${f.percent((100 * share.value) / sum)} of all, ${f.plural(share.connections, 'connection')}`;
    });
  }

  return { element, show };
}
