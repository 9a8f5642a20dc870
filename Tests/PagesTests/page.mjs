// What the pages' modules need of a browser to be loaded and called outside of one.

/** An element of which only what columns and tables touch is there. */
export class FakeElement {
  constructor(tag = 'div') {
    this.tag = tag;
    this.textContent = '';
    this.title = '';
    this.className = '';
    this.dataset = {};
    this.style = {};
    this.children = [];
    this.attributes = new Map();
  }

  append(...children) { this.children.push(...children); }
  setAttribute(name, value) { this.attributes.set(name, value); }
  addEventListener() {}
}

globalThis.Node = FakeElement;
globalThis.document = { createElement: (tag) => new FakeElement(tag), createElementNS: (_, tag) => new FakeElement(tag) };

/** Goes to an address: `location` and `history` as the pages see them. */
export function visit(address) {
  const url = new URL(address, 'http://gateway:8222');
  globalThis.location = { pathname: url.pathname, search: url.search, origin: url.origin, href: url.href };
}

globalThis.history = { pushState: (_, __, address) => visit(address), replaceState: (_, __, address) => visit(address) };
visit('/');
