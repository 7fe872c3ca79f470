import { chordsHold, chordVerdict } from './chord-account.js';
import type { FinishedChords } from './run-chords.js';

const mostIds = 5;

/** Says what was found, the verdict last. */
export function tellChords({ account, deaths }: FinishedChords, tell: (line: string) => void): void {
  for (const death of deaths) tell(`ended by itself: ${death}`);
  for (const what of ['missing', 'early', 'doubled', 'wrong', 'unexplained'] as const) {
    const ids = account[what];
    if (ids.length > 0) tell(`${what}: ${ids.slice(0, mostIds).join(' ')}`);
  }
  tell(`started again because of: ${JSON.stringify(account.explained)}`);
  tell(chordVerdict(account));
}

/** Exit status of the program. */
export const chordStatus = ({ account, deaths }: FinishedChords): 0 | 1 =>
  chordsHold(account) && deaths.length === 0 ? 0 : 1;
