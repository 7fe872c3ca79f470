import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthServerOptions {
  readonly port: number;
  readonly host: string;
  /** Whether it takes tasks now. */
  readonly ready: () => boolean;
}

/** Answers probes: `GET /ready` is 200 while tasks are taken and 503 before and after, `GET /live` is 200 as long as anything answers. */
export class HealthServer {
  private readonly server: Server;

  constructor(private readonly options: HealthServerOptions) {
    this.server = createServer({ keepAlive: false, requestTimeout: 5000 }, (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const status = this.statusOf(pathname);
      const text = status === 200 ? 'ok' : status === 503 ? 'not ready' : 'try /ready or /live';
      response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${text}\n`);
    });
    this.server.unref();
  }

  /** Port that it listens on; the one of the options unless that is 0. */
  get port(): number {
    return (this.server.address() as AddressInfo | null)?.port ?? this.options.port;
  }

  async open(): Promise<void> {
    this.server.listen(this.options.port, this.options.host);
    await once(this.server, 'listening');
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private statusOf(path: string): number {
    if (path === '/live') return 200;
    if (path !== '/ready') return 404;
    return this.options.ready() ? 200 : 503;
  }
}
