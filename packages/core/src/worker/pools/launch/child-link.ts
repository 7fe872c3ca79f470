/** How a child ended. */
export interface ChildExit {
  /** One line for errors: `it exited with code 1`, `it was ended by SIGKILL`. */
  readonly how: string;
}

/** What a child tells whoever has launched it. */
export interface ChildListener {
  /** A batch of messages: one line. */
  readonly onLine: (line: string) => void;
  /** It is gone, and everything that it has told before was heard. Told once, also of one that could not be started. */
  readonly onGone: (exit: ChildExit) => void;
}

/** A child that runs, as its parent sees it. */
export interface ChildLink {
  /** For logs: `process 4711`, `thread 12`. */
  readonly name: string;
  /** Tells it a batch of messages: one line. What it can no longer hear is dropped. */
  send(line: string): void;
  /** Ends it, whatever it does. `onGone` follows; twice is legal. */
  kill(): void;
}

/** Makes children of one kind. */
export interface ChildLauncher {
  launch(listener: ChildListener): ChildLink;
}
