import type { LoggerService } from '@nestjs/common';

/** A logger that keeps what it is given. */
export class Lines implements LoggerService {
  readonly all: { readonly level: string; readonly args: readonly unknown[] }[] = [];

  log(...args: readonly unknown[]): void {
    this.all.push({ level: 'log', args });
  }

  error(...args: readonly unknown[]): void {
    this.all.push({ level: 'error', args });
  }

  warn(...args: readonly unknown[]): void {
    this.all.push({ level: 'warn', args });
  }

  debug(...args: readonly unknown[]): void {
    this.all.push({ level: 'debug', args });
  }

  verbose(...args: readonly unknown[]): void {
    this.all.push({ level: 'verbose', args });
  }

  fatal(...args: readonly unknown[]): void {
    this.all.push({ level: 'fatal', args });
  }

  /** Messages as text, with their level: `warn: …`. */
  get texts(): string[] {
    return this.all.map(({ level, args }) => `${level}: ${String(args[0])}`);
  }
}
