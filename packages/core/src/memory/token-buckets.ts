import type { Clock } from '../clock/clock.js';
import { checkTokenRequest } from '../drivers/check-token-request.js';
import type { TokenOutcome, TokenRequest } from '../ports/ledger.js';
import { ExpiryIndex } from './expiry-index.js';

interface Bucket {
  tokens: number;
  /** When `tokens` was right. */
  atMs: number;
  /** When it is full, and need not be remembered any longer. */
  fullAtMs: number;
}

/** Tolerance for sums of fractions: a caller that waited as long as it was told must not be sent away again. */
const rounding = 1e-9;

/** Buckets of tokens; a new one is full. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();
  private readonly expiry: ExpiryIndex<string>;

  constructor(private readonly clock: Clock) {
    this.expiry = new ExpiryIndex(clock, (name, now) => this.expire(name, now));
  }

  /** @throws LOVAGE_OPTION_INVALID when the request could never be granted */
  take(request: TokenRequest): TokenOutcome {
    checkTokenRequest(request);
    const { bucket: name, tokens: wanted, capacity, refillPerSecond } = request;
    const now = this.clock.monoNow();
    const bucket = this.buckets.get(name) ?? { tokens: capacity, atMs: now, fullAtMs: now };
    const refilled = Math.min(capacity, bucket.tokens + ((now - bucket.atMs) / 1000) * refillPerSecond);
    const isGranted = refilled + rounding >= wanted;
    const left = isGranted ? Math.max(0, refilled - wanted) : refilled;
    const fullAtMs = now + ((capacity - left) / refillPerSecond) * 1000;
    const isNew = !this.buckets.has(name);
    this.buckets.set(name, { tokens: left, atMs: now, fullAtMs });
    if (isNew) this.expiry.file(name, fullAtMs);
    return isGranted
      ? { kind: 'granted' }
      : { kind: 'wait', retryInMs: Math.ceil(((wanted - left) / refillPerSecond) * 1000) };
  }

  close(): void {
    this.expiry.close();
    this.buckets.clear();
  }

  private expire(name: string, nowMs: number): number | undefined {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) return undefined;
    if (bucket.fullAtMs > nowMs) return bucket.fullAtMs;
    this.buckets.delete(name);
    return undefined;
  }
}
