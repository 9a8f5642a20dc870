// For a wall: large type, nothing to click; `?kiosk=overview,topology,events` goes through these views, half a minute each.

import * as url from './url.js';

const period = 30_000;

export function startKiosk(views) {
  document.documentElement.dataset.kiosk = '';
  const names = views.map((view) => view.name);
  const wanted = (new URLSearchParams(location.search).get('kiosk') ?? '').split(',').filter((name) => names.includes(name));
  if (wanted.length < 2) return;
  let at = Math.max(0, wanted.indexOf(url.current().view));
  setInterval(() => {
    if (document.hidden) return;
    at = (at + 1) % wanted.length;
    url.go(url.link(wanted[at]), { replaceState: true });
  }, period);
}
