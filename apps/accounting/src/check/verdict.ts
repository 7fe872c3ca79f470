import type { Account } from './account.js';

/** The last line of a run. */
export function verdictLine(account: Account): string {
  const { sent, confirmed, done, parked, lost, duplicated, unexplained, unexpected, flipFlops } = account;
  const usual = [
    `sent ${sent} confirmed ${confirmed} done ${done} parked ${parked.length} lost ${lost.length}`,
    `duplicated ${duplicated} unexplained ${unexplained.length}`,
  ];
  if (unexpected.length > 0) usual.push(`unexpected ${unexpected.length}`);
  if (flipFlops.length > 0) usual.push(`flip-flop ${flipFlops.length}`);
  return usual.join(' ');
}

/** 0 where nothing was lost and everything has its reason, 1 else. */
export function exitStatus({ lost, unexplained, unexpected, flipFlops }: Account): 0 | 1 {
  return lost.length + unexplained.length + unexpected.length + flipFlops.length === 0 ? 0 : 1;
}
