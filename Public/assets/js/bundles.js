// Many links, drawn as few: the gateways between two clusters as one bundle, routes that are well not at all where there are too many.

/** More members than this, and the routes of a cluster are drawn only where something is wrong. */
const mostDrawn = 8;

/**
 * Gateways between each two clusters: { a, b, links, well, worst, bytes, isBroken }: the clusters' names in order, how many links there are, how
 * many of them are well, the longest round trip in seconds, bytes a second.
 * @param {any[]} links
 * @param {(link: any) => boolean} isFault
 * @param {(link: any) => number | undefined} traffic
 */
export function gatewayBundles(links, isFault, traffic) {
  const found = new Map();
  for (const link of links) {
    if (link.kind !== 'gateway' || !link.from.cluster || !link.to.cluster) continue;
    const [a, b] = [link.from.cluster, link.to.cluster].sort();
    const bundle = found.get(`${a}\n${b}`) ?? { a, b, links: 0, well: 0, worst: undefined, bytes: undefined, isBroken: false };
    bundle.links += 1;
    if (link.state === 'agreed') bundle.well += 1;
    if (isFault(link)) bundle.isBroken = true;
    if (link.rtt_seconds !== undefined) bundle.worst = Math.max(bundle.worst ?? 0, link.rtt_seconds);
    const bytes = traffic(link);
    if (bytes !== undefined) bundle.bytes = (bundle.bytes ?? 0) + bytes;
    found.set(`${a}\n${b}`, bundle);
  }
  return [...found.values()];
}

/** The links that are drawn each by itself beside the bundles. */
export function singles(links, nodes, isFault) {
  const members = new Map();
  for (const node of nodes) members.set(node.cluster, (members.get(node.cluster) ?? 0) + 1);
  return links.filter((link) => link.kind === 'gateway' ? false : link.kind === 'route' ? isFault(link) || (members.get(link.from.cluster) ?? 0) <= mostDrawn : true);
}
