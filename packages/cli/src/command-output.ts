/** Where a command writes to, a line or several at a time. */
export interface CommandOutput {
  readonly say: (text: string) => void;
  readonly complain: (text: string) => void;
}
