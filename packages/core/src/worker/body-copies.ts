import type { Publication } from '../ports/publication.js';
import type { WireMessage } from '../message/wire-message.js';
import type { Stores } from '../stores/stores.js';
import type { EarlierEnd, Run } from './run.js';

/** Header of a message of which there may be others with the same task id: names this one. */
export const copyHeader = 'lovage_copy';

/** How long a copy is known to be the one that runs. Whoever comes later finds the result. */
const claimMs = 600_000;

/** A message that may be published once more, since nobody can know whether it was. */
export function asCopy({ message, ...publication }: Publication, name: string): Publication {
  return { ...publication, message: withHeader(message, name) };
}

function withHeader(message: WireMessage, name: string): WireMessage {
  const { contentType, contentEncoding, headers, properties, body } = message;
  return { contentType, contentEncoding, properties, body, headers: { ...headers, [copyHeader]: name } };
}

/** The name of a copy; `undefined` for all other messages. */
export function copyOf({ message }: Run): string | undefined {
  const name = message?.headers?.[copyHeader];
  return typeof name === 'string' ? name : undefined;
}

/**
 * Decides between copies of the body of a chord. The first one that is taken has the task, and comes again under its name until it is
 * settled; the others have nothing to do.
 */
export class BodyCopies {
  constructor(
    private readonly stores: Stores,
    private readonly findEarlier: (run: Run) => Promise<EarlierEnd | 'none'>,
    private readonly onProblem: (error: unknown, run: Run) => void,
  ) {}

  /** Whether a copy has the task. Never rejects: what can not be found out may run twice, it must not be stuck. */
  async has(run: Run, copy: string): Promise<boolean> {
    const { ledger } = this.stores;
    try {
      const claim = await ledger?.acquire({
        name: claimNameOf(run),
        owner: copy,
        ttlMs: claimMs,
        deadline: this.stores.deadline(),
      });
      if (claim?.kind === 'held') return false;
      return run.delivery.redelivered || (await this.findEarlier(run)) === 'none';
    } catch (error) {
      this.onProblem(error, run);
      return true;
    }
  }
}

/** A body that another chord has replaced has its id once more: these are not copies of each other. */
function claimNameOf({ taskId, message }: Run): string {
  const nesting = message?.replacedTaskNesting ?? 0;
  return nesting === 0 ? `lovage:body:${taskId}` : `lovage:body:${taskId}:${nesting}`;
}
