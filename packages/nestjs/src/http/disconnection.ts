import type { EventEmitter } from 'node:events';

/** Anything that tells when it is closed. */
type ClosingSource = Pick<EventEmitter, 'once' | 'removeListener'> & { readonly destroyed?: boolean };

/** The request of Express, or that of Fastify around Node's own. */
export interface AnyRequest {
  readonly raw?: AnyRequest;
  readonly socket?: ClosingSource;
  /** Of HTTP/2: one connection carries many requests, each a stream. */
  readonly stream?: ClosingSource;
}

/**
 * Calls back when the client goes away.
 *
 * @returns the function that ends the watching
 */
export function onDisconnect(request: AnyRequest, callback: () => void): () => void {
  const { socket, stream } = request.raw ?? request;
  const source = stream ?? socket;
  if (source === undefined) return () => undefined;
  if (source.destroyed === true) {
    callback();
    return () => undefined;
  }
  source.once('close', callback);
  return () => source.removeListener('close', callback);
}
