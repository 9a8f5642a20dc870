// The bar of time under the frame: now, or a moment, and the last hours with what happened in them, to point at and to click.

import { h, s, replace, setText } from './dom.js';
import { get, query } from './api.js';
import * as f from './format.js';
import { paced } from './pace.js';
import { around, concerns, marksOf, worst } from './incidents.js';
import { clustered, momentText, scale, spans, ticks } from './timescale.js';
import * as url from './url.js';

const height = 22;

export function makeTimeBar(store) {
  let span = localStorage.getItem('timespan') in spans ? localStorage.getItem('timespan') : '1h';
  let told = { intervals: [], moments: [] };
  let extent;
  let gaps = [];
  let pointed;
  const live = h('button', { type: 'button', class: 'live', onclick: () => url.goTo('') });
  const back = h('button', { type: 'button', class: 'plain', onclick: () => step(-1), title: 'A step back in time ( [ )', 'aria-label': 'A step back in time' }, '‹');
  const forth = h('button', { type: 'button', class: 'plain', onclick: () => step(1), title: 'A step forth in time ( ] )', 'aria-label': 'A step forth in time' }, '›');
  const choice = h('select', { 'aria-label': 'Span of the time bar', onchange: () => setSpan(choice.value) }, Object.keys(spans).map((each) => h('option', { value: each }, `last ${each}`)));
  const picture = s('svg', { class: 'strip', height, preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  const words = h('span', { class: 'visually-hidden' });
  const strip = h('div', { class: 'strip-box', role: 'slider', tabindex: 0, 'aria-label': 'Moment that is shown', 'aria-valuemin': 0, 'aria-valuemax': 100 }, picture, words);
  const pointer = h('div', { class: 'strip-pointer', hidden: true });
  const tip = h('div', { class: 'strip-tip', hidden: true });
  const compare = h('a', { class: 'compare', href: '#', title: 'What differs between that moment and now' }, 'Compare with now');
  const element = h('section', { class: 'timebar', 'aria-label': 'Time' }, live, back, h('div', { class: 'strip-holder' }, strip, pointer, tip), forth, choice, compare);

  strip.addEventListener('pointermove', (event) => point(event.clientX));
  strip.addEventListener('pointerleave', () => point(undefined));
  strip.addEventListener('click', (event) => {
    const time = timeAt(event.clientX);
    // The last pixels are now.
    if (time > f.now() - spans[span] / 200) url.goTo('');
    else goTo(time);
  });
  strip.addEventListener('keydown', (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10 };
    if (event.key in steps) step(steps[event.key]);
    else if (event.key === 'End') url.goTo('');
    else if (event.key === 'Home' && extent) goTo(f.parseTime(extent.oldest) + 1);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(() => draw()).observe(strip);

  const moment = () => store.moment ? f.parseTime(store.at) ?? f.parseTime(store.moment) : undefined;
  const range = () => {
    // The moment stays in sight: a strip that ends now, or one around it.
    const now = f.now();
    const at = moment();
    return at !== undefined && at < now - spans[span] ? [at - spans[span] / 2, at + spans[span] / 2] : [now - spans[span], now];
  };
  const scaleNow = () => scale(...range(), Math.max(1, strip.clientWidth));
  const timeAt = (x) => scaleNow().time(x - strip.getBoundingClientRect().left);
  const goTo = (time) => url.goTo(new Date(Math.min(time, f.now()) * 1000).toISOString().replace(/\.\d+Z$/, 'Z'));

  function step(steps) {
    const size = Math.max(extent?.every ?? 10, spans[span] / 60);
    const to = (moment() ?? f.now()) + steps * size;
    if (to >= f.now() - size / 2) url.goTo('');
    else goTo(to);
  }

  function setSpan(next) {
    span = next;
    localStorage.setItem('timespan', next);
    ask.now();
    draw();
  }

  const ask = store.every(20, async (signal) => {
    const [from, until] = range();
    const asked = query({ since: new Date(from * 1000).toISOString(), until: until >= f.now() - 1 ? '' : new Date(until * 1000).toISOString() });
    const scope = ['cluster', 'server'].includes(store.scope.kind) ? store.scope.path : '';
    try {
      extent = (await get('/epochs?since=1s', { signal })).document;
      // Before the first epoch nobody can tell what happened.
      const incidents = extent.oldest ? await get(`${scope}/incidents${asked ? `${asked}&` : '?'}limit=1000`, { signal }) : { document: { incidents: [] } };
      const clusterOf = (name) => store.roster.find((server) => server.name === name)?.cluster;
      told = marksOf(incidents.document.incidents.filter((each) => concerns(each, store.scope, clusterOf)), f.now());
      gaps = incidents.document.gaps ?? [];
      element.hidden = false;
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      // A role that may not read them, or an archive, has no strip.
      if ([403, 404].includes(error.status)) element.hidden = true;
      throw error;
    } finally {
      draw();
    }
  });

  function point(x) {
    pointed = x;
    pointer.hidden = tip.hidden = x === undefined;
    if (x === undefined) return;
    const box = strip.getBoundingClientRect();
    const time = timeAt(x);
    pointer.style.left = `${x - box.left}px`;
    const here = around(told, time, (spans[span] / box.width) * 5);
    replace(tip, h('strong', {}, momentText(time, f.now())), !isKept(time) ? h('span', { class: 'quiet' }, ' not recorded') : null,
      here.slice(0, 6).map((each) => h('div', { class: each.severity === 'critical' ? 'bad' : each.severity === 'warning' ? 'warn' : '' }, each.sentence)),
      here.length > 6 ? h('div', { class: 'quiet' }, `and ${f.count(here.length - 6)} more`) : null);
    const left = x - box.left;
    tip.style.left = `${Math.max(0, Math.min(box.width - 340, left - 170))}px`;
  }

  function isKept(time) {
    if (!extent?.oldest) return false;
    return time >= f.parseTime(extent.oldest) && !gaps.some((gap) => f.parseTime(gap.after ?? gap.from) < time && time < f.parseTime(gap.before ?? gap.until ?? gap.to));
  }

  function draw() {
    const at = moment();
    setText(live, at === undefined && !store.moment ? 'Live' : 'Back to live');
    live.dataset.live = String(!store.moment);
    compare.hidden = !store.moment;
    compare.href = url.link('compare', { from: store.moment }, undefined, '');
    choice.value = span;
    const along = scaleNow();
    picture.setAttribute('viewBox', `0 0 ${along.width} ${height}`);
    picture.setAttribute('width', along.width);
    const rect = (from, until, y, tall, className) => s('rect', { class: className, x: Math.max(0, along.place(from)), y, height: tall, width: Math.max(2, Math.min(along.width, along.place(until)) - Math.max(0, along.place(from))) });
    const lanes = { critical: 3, warning: 7, info: 11 };
    const oldest = f.parseTime(extent?.oldest);
    replace(picture,
      s('line', { class: 'ground', x1: 0, x2: along.width, y1: height - 6, y2: height - 6 }),
      oldest !== undefined && oldest > along.from ? rect(along.from, oldest, 1, height - 2, 'unkept') : null,
      gaps.map((gap) => rect(f.parseTime(gap.after ?? gap.from), f.parseTime(gap.before ?? gap.until ?? gap.to), 1, height - 2, 'unkept')),
      ticks(along.from, along.until, along.width / 90).map(({ time, text }) => [
        s('line', { class: 'tick', x1: along.place(time), x2: along.place(time), y1: height - 8, y2: height - 4 }),
        s('text', { class: 'tick', x: along.place(time) + 3, y: height - 1 }, text)]),
      told.intervals.filter((each) => each.severity !== 'info').map((each) => rect(each.from, each.until, lanes[each.severity], 3, `interval ${each.severity}`)),
      clustered(told.moments.filter((each) => each.time >= along.from).map((each) => ({ ...each, place: along.place(each.time) })), 7).map(({ place, marks }) => s('path', { class: `moment ${worst(marks)}`, d: `M${place} 1v${height - 8}` })),
      at === undefined ? null : s('path', { class: 'here', d: `M${along.place(at)} 0v${height}` }));
    strip.setAttribute('aria-valuenow', Math.round((100 * ((at ?? along.until) - along.from)) / (along.until - along.from)));
    strip.setAttribute('aria-valuetext', at === undefined ? 'now' : momentText(at, f.now()));
    setText(words, `${f.plural(told.intervals.length, 'finding')} and ${f.plural(told.moments.length, 'change')} in the last ${span}`);
    if (pointed !== undefined) point(pointed);
  }

  store.addEventListener('change', paced(draw, 1000));

  return {
    element, step,
    /** What it asks for changes with the scope and the moment, and then the store asks everything again. */
    update: draw,
    /** Asks for a time and goes there. */
    ask() {
      strip.focus();
    },
  };
}
