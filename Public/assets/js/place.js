// Where the gateway's paths begin as the browser sees them: at "/", below the path of --http-base-path, or below one that a proxy
// takes away again. The scripts were loaded from there, so their own address tells.

const own = new URL(import.meta.url);
let base = own.protocol.startsWith('http') ? own.pathname.replace(/\/assets\/js\/[^/]*$/, '') : '';
// Below --http-base-path the root is the path itself, without a slash behind it, as on nats-server's port.
let home = base && document.documentElement?.hasAttribute('data-base') ? base : `${base}/`;

// What the page names relative to the address that it was loaded from stays what it was when the address moves on.
for (const link of document.querySelectorAll?.('link[href]') ?? []) if (link instanceof HTMLLinkElement) link.href = link.href;

/** For tests: as if the gateway were there. */
export function mount(path, isBasePath) {
  base = path;
  home = path && isBasePath ? path : `${path}/`;
}

/** The address of a path of the gateway. */
export function placed(path) {
  return base + path;
}

/** The path of the gateway that an address is of. */
export function unplaced(pathname) {
  return pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname;
}

/** The address of the pages. */
export function homePath() {
  return home;
}

/** Whether an address is that of the pages. */
export function isHome(pathname) {
  return pathname === home || pathname === `${base}/`;
}
