/// What is behind a connection; the server itself counts as one.
package enum ConnectionKind: Sendable { case client, leaf, system }
