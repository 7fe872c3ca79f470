import type { RespRequest } from '../resp/resp-request.js';

export interface RequestFaultOptions {
  /** Which of the requests that match, counted over all connections from now. Default 1, the next one. */
  readonly nth?: number;
  /** Default: each request matches, also those by which a client introduces itself. */
  readonly matching?: (request: RespRequest) => boolean;
  /** `cut` (default): the connection ends. `hang`: it stays open, and nothing goes through it any more. */
  readonly outcome?: 'cut' | 'hang';
}

/** A fault that waits for its request. It happens once. */
export class RequestFault {
  readonly outcome: 'cut' | 'hang';
  /** Resolves when it has happened, with the request that it hit; pending when it never does. */
  readonly fired: Promise<RespRequest>;

  private left: number;
  private readonly matching: (request: RespRequest) => boolean;
  private hit: RespRequest | undefined;
  private announce: (request: RespRequest) => void = () => undefined;

  constructor(
    readonly kind: 'lose-request' | 'lose-reply',
    options: RequestFaultOptions,
  ) {
    this.left = options.nth ?? 1;
    this.matching = options.matching ?? (() => true);
    this.outcome = options.outcome ?? 'cut';
    this.fired = new Promise((resolve) => {
      this.announce = resolve;
    });
  }

  get hasFired(): boolean {
    return this.hit !== undefined;
  }

  /** It will not happen any more. */
  disarm(): void {
    this.left = 0;
  }

  /** Counts a request; true when it is the one. One that another fault has `taken` counts, but the next is the one then. */
  chooses(request: RespRequest, taken = false): boolean {
    if (this.left <= 0 || !this.matching(request)) return false;
    if (this.left === 1 && taken) return false;
    this.left -= 1;
    return this.left === 0;
  }

  fire(request: RespRequest): void {
    this.hit = request;
    this.announce(request);
  }
}
